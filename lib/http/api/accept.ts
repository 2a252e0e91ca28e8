import accept from '@hapi/accept'
import Boom from '@hapi/boom'

/**
 * The media type of these that the Accept header prefers; the first one of those to which it gives the same weight.
 * Parameters of a media type, such as charset, do not matter. Throws 400 when the header is malformed, and 406 when it
 * allows none of them. RFC 9110 permits an answer in another type instead of the 406, but the client has said that it
 * cannot read that.
 */
export function chooseType<Type extends string>(header: string | undefined, types: readonly Type[]): Type {
  const chosen = preferred(header, types).split(';', 1)[0]!
  const type = types.find(type => type === chosen)
  if (type !== undefined) return type
  const error = Boom.notAcceptable(notAcceptable(types))
  error.output.headers.vary = 'accept'
  throw error
}

/** The message of the 406. */
export function notAcceptable(types: readonly string[]): string {
  return `the Accept header must allow ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(types)}`
}

function preferred(header: string | undefined, types: readonly string[]): string {
  try {
    return accept.mediaType(header, [...types])
  } catch {
    throw Boom.badRequest('the Accept header must be a list of media types, such as text/csv, */*;q=0.1')
  }
}
