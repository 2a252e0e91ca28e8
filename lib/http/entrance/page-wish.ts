import type { IncomingHttpHeaders } from 'node:http'

/** In lower case: all header fields that wantsPage reads. */
export const PAGE_WISH_FIELDS: readonly string[] = ['accept']

/** `text/html` in a list of media types, with its parameters. */
const HTML = /(?:^|,)[\t ]*text\/html[\t ]*(?:;([^,]*))?(?:,|$)/i
const NOT_WANTED = /(?:^|;)[\t ]*q=0(?:\.0*)?[\t ]*(?:;|$)/i

/** Whether a request names HTML among what it takes, as browsers do where somebody follows a link. */
export function wantsPage({ accept }: IncomingHttpHeaders): boolean {
  const parameters = accept === undefined ? null : HTML.exec(accept)
  return parameters !== null && !NOT_WANTED.test(parameters[1] ?? '')
}
