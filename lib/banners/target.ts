import { ClickCounterError } from '../base/errors.ts'
import { filledLength, MACROS, type Macro } from './macros.ts'

/** With macros filled in. Longer ones do not fit into every browser and proxy. */
export const MAX_TARGET_LENGTH = 2048

const BEGINNING = /^https?:\/\/[^/?#]/i
/** A blank, a line break or another control character: parsers drop some of them, each in its own way. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u
/** A name or an address, perhaps with a port. Parsers let in more, and take some of it for macros. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/
/** Begins what stands for a macro while the URL is parsed, which leaves these letters as they are. */
const PLACEHOLDER = 'clickcountermacro'
const PLACEHOLDERS = new Map(MACROS.map((macro): [Macro, string] => [macro, PLACEHOLDER + macro.slice(1, 2)]))

/**
 * The one text of a target: an absolute URL of http or https, in ASCII, with macros as they are. It is safe in a header.
 * Throws a ClickCounterError (BANNER_INVALID) that says what is wrong and what would be right.
 */
export function normalTarget(text: string): string {
  if (UNPRINTABLE.test(text))
    throw invalid('holds a blank or a control character: write it as %20 or the like')
  if (text.includes('\\')) throw invalid('holds a backslash: write a slash, or %5C')
  if (!BEGINNING.test(text)) throw invalid('must begin with https:// or http:// and a host')
  if (text.includes(PLACEHOLDER)) throw invalid(`must not hold the word ${PLACEHOLDER}`)
  let given = text
  for (const [macro, placeholder] of PLACEHOLDERS) given = given.replaceAll(macro, placeholder)
  const url = URL.parse(given)
  if (url === null) throw invalid('is no URL: its host or its port is wrong')
  if (url.username !== '' || url.password !== '')
    throw invalid('has a user name or a password, which can look like the host: leave it out')
  if (url.host.includes(PLACEHOLDER)) throw invalid('has a macro in its host: macros may stand behind it')
  if (!HOST.test(url.host)) throw invalid('has a host that is neither a name nor an address')
  let target = url.href
  for (const [macro, placeholder] of PLACEHOLDERS) target = target.replaceAll(placeholder, macro)
  const length = filledLength(target)
  if (length > MAX_TARGET_LENGTH)
    throw invalid(
      `has ${length} characters, and ${MAX_TARGET_LENGTH} are allowed: a macro counts as what it may become`,
    )
  return target
}

function invalid(fault: string): ClickCounterError {
  return new ClickCounterError('BANNER_INVALID', `the target ${fault}`)
}
