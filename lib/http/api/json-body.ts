import { promisify } from 'node:util'
import zlib from 'node:zlib'
import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { tooLarge } from '../listener/client-errors.ts'
import { readBody, unreadBody } from './body.ts'

const gunzip = promisify(zlib.gunzip)
/** Drops a byte order mark. Throws when the bytes are not UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Options of a route that reads its body with readJson. A body of these media types is taken for JSON. */
export function unreadJson(...types: readonly string[]) {
  return {
    ...unreadBody,
    allow: [...types],
    failAction: () => {
      throw Boom.unsupportedMediaType(notJson(...types))
    },
  }
}

/** The message about a body of another media type. */
export function notJson(...types: readonly string[]): string {
  return `the body must be JSON, of type ${types.join(' or ')}`
}

interface JsonForm {
  readonly maxBytes: number
  /** A body. */
  readonly example: string
  readonly reviver?: Reviver
  /** Waited for before the body is parsed. Without it, it is parsed at once. */
  readonly turn?: () => Promise<void>
}

/**
 * The parsed body. Rejects
 * - with 400 when the body breaks off, is not what its Content-Encoding says, or is not JSON, or when
 *   `reviver` throws; in the last two cases the message has `example`;
 * - with 413 when it is longer than `maxBytes`, as it comes or decoded;
 * - with 415 when its encoding is another one than gzip.
 */
export async function readJson(
  request: Request,
  { maxBytes, example, reviver, turn }: JsonForm,
): Promise<unknown> {
  const body = await readBody(request, maxBytes)
  const decoded = isGzip(request) ? await decompress(body, maxBytes) : body
  await turn?.()
  try {
    return JSON.parse(utf8.decode(decoded), reviver)
  } catch {
    throw Boom.badRequest(`the body must be JSON, such as ${example}, in UTF-8`)
  }
}

/** A reviver for bodies that Joi validates. Refuses the key __proto__. Joi copies the body, and in the copy this key would set the prototype. */
export function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('__proto__ cannot be a key')
  return value
}

type Reviver = (key: string, value: unknown) => unknown

/** Whether the body is compressed. Throws 415 for another encoding than gzip. */
export function isGzip({ raw }: Request): boolean {
  const encoding = raw.req.headers['content-encoding']?.toLowerCase() ?? ''
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  if (encoding === '' || encoding === 'identity') return false
  const error = Boom.unsupportedMediaType('the body can be encoded with gzip, or not at all')
  error.output.headers['accept-encoding'] = 'gzip'
  throw error
}

/** Stops after `maxBytes`, however long the decoded body would become. */
async function decompress(body: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await gunzip(body, { maxOutputLength: maxBytes })
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw isTooLarge ? tooLarge(maxBytes) : notGzip()
  }
}

export function notGzip(): Boom.Boom {
  return Boom.badRequest('the body must be whole gzip, as Content-Encoding says')
}
