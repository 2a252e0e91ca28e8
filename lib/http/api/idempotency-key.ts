import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { shortened } from '../../base/shortened.ts'
import { isBulkKey, MAX_KEY_LENGTH } from '../../rows/keyed-bulk.ts'

/** What is said of a key that another bulk has. */
export const OTHER_CONTENT =
  'another bulk was sent with this Idempotency-Key: send each bulk with a key of its own, and the same bulk again as it was'

/** The key that a bulk was sent with. null: it has none. Throws 400 when it cannot be one, or is there twice. */
export function idempotencyKeyOf({ raw }: Request): string | null {
  if (raw.req.headers['idempotency-key'] === undefined) return null
  const keys = raw.req.headersDistinct['idempotency-key']!
  if (keys.length > 1) throw Boom.badRequest(`Idempotency-Key is there ${keys.length} times: send it once`)
  if (isBulkKey(keys[0]!)) return keys[0]!
  throw Boom.badRequest(
    `Idempotency-Key is ${JSON.stringify(shortened(keys[0]!))}: it must have 1 to ${MAX_KEY_LENGTH} visible characters of ASCII, and no blanks`,
  )
}
