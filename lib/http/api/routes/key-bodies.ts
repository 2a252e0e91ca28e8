import Joi from '@hapi/joi'
import { type ListedKey, MAX_OVERLAP_MS } from '../../../../db/access/change-keys.ts'
import { SCOPES, type Scope } from '../../../access/scopes.ts'
import type { Key } from '../../../access/snapshot.ts'
import { MAX_NAME_LENGTH } from '../../../access/wanted-key.ts'
import { timeSchema } from '../../../questions/time-schema.ts'

export const DAY_SECONDS = 86_400

const expiresAt = timeSchema.allow(null).description('When it expires; null: never.')

/** The body of POST /keys, once it is validated. */
interface WantedKeyBody {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Left out: never. */
  readonly expiresAt?: Date | null
}

export const wantedKeySchema = Joi.object<WantedKeyBody>({
  // Joi would count an emoji as two characters: the rule of wanted-key.ts is the one that holds.
  name: Joi.string()
    .required()
    .description(`For people. It may be any text of one line, of at most ${MAX_NAME_LENGTH} characters.`),
  scopes: Joi.array()
    .items(Joi.string().valid(...SCOPES))
    .min(1)
    .unique()
    .required()
    .description('What it may do: at most what the key may do that makes it.'),
  // Without a default in the document: generators take a field with a default for one that must be sent.
  expiresAt,
}).label('WantedKey')

/** The body of POST /keys/{id}/rotate, once it is validated. */
export interface RotationBody {
  /** Left out: a day. */
  readonly overlapSeconds?: number
  /** undefined: as the old key. */
  readonly expiresAt?: Date | null
}

export const rotationSchema = Joi.object<RotationBody>({
  overlapSeconds: Joi.number()
    .integer()
    .min(0)
    .max(MAX_OVERLAP_MS / 1000)
    .description('How long the old key stays in force. Left out: a day.'),
  expiresAt: expiresAt.description(
    'When the new key expires; null: never. Left out: when the old one would have.',
  ),
}).label('Rotation')

const time = Joi.string().isoDate().required()
const key = {
  id: Joi.string().guid().required(),
  name: Joi.string().required(),
  scopes: Joi.array()
    .items(Joi.string().valid(...SCOPES))
    .required(),
  expiresAt: time.allow(null).description('null: never'),
}

const keySchema = Joi.object(key).unknown().label('Key')

export const keyListSchema = Joi.object({
  keys: Joi.array()
    .items(
      Joi.object({
        ...key,
        createdAt: time,
        createdBy: Joi.string().required().description('The name of the key that made it, or `shell`.'),
        revokedAt: time.allow(null).description('null: it is not revoked'),
        replacedBy: Joi.string()
          .guid()
          .allow(null)
          .required()
          .description('The id of the key that a rotation made.'),
        lastUsedOn: Joi.string()
          .pattern(/^\d{4}-\d\d-\d\d$/)
          .allow(null)
          .required()
          .description('A day in UTC. null: never.'),
      }).unknown(),
    )
    .required()
    .description('The newest last.'),
})
  .unknown()
  .label('KeyList')

export const madeKeySchema = Joi.object({
  text: Joi.string().required().description('What clients send. It is shown here, and never again.'),
  key: keySchema.required(),
})
  .unknown()
  .label('MadeKey')

export const revokedKeySchema = Joi.object({
  key: keySchema.required(),
  open: Joi.boolean()
    .required()
    .description('`true`: it was the last key, and nobody needs one any more to count and to read.'),
})
  .unknown()
  .label('RevokedKey')

export function keyBody({ id, name, scopes, expiresAtMs }: Key) {
  return { id, name, scopes, expiresAt: timeOf(expiresAtMs) }
}

export function listedKeyBody(listed: ListedKey) {
  const { createdAtMs, createdBy, revokedAtMs, replacedBy, lastUsedOn } = listed
  return {
    ...keyBody(listed),
    createdAt: timeOf(createdAtMs),
    createdBy,
    revokedAt: timeOf(revokedAtMs),
    replacedBy,
    lastUsedOn,
  }
}

function timeOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}
