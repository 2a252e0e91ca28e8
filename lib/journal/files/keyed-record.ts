import { CLASSES, type ClickClass } from '../../rows/classes.ts'
import { type BulkPart, isBulkKey, type KeyedBulk, keyedBulkOf } from '../../rows/keyed-bulk.ts'
import { FINGERPRINT_BYTES, KIND_BYTES, MINUTE_BYTES, PAIR_BYTES } from './format.ts'
import { hasPossibleWords } from './payload.ts'

const FINGERPRINT_AT = KIND_BYTES + MINUTE_BYTES
const LENGTH_AT = FINGERPRINT_AT + FINGERPRINT_BYTES
const KEY_AT = LENGTH_AT + 4
/** Class and number of pairs. */
const PART_HEAD_BYTES = 8

/**
 * The bulk of a record of kind KEYED_BULK. A text: a newer program has written it, and what it has. null: no program
 * writes such a payload.
 */
export function decodeKeyed(payload: Buffer): KeyedBulk | string | null {
  if (payload.length < KEY_AT || !hasPossibleWords(payload, KIND_BYTES, FINGERPRINT_AT)) return null
  const keyEnd = KEY_AT + payload.readUInt32LE(LENGTH_AT)
  const partsAt = Math.ceil(keyEnd / 4) * 4
  if (partsAt > payload.length || payload.subarray(keyEnd, partsAt).some(byte => byte !== 0)) return null
  const key = payload.toString('latin1', KEY_AT, keyEnd)
  const parts = isBulkKey(key) ? decodeParts(payload, partsAt) : null
  if (parts === null || typeof parts === 'string') return parts
  return keyedBulkOf({
    key,
    fingerprint: payload.toString('hex', FINGERPRINT_AT, LENGTH_AT),
    minute: payload.readUInt32LE(KIND_BYTES),
    parts,
  })
}

function decodeParts(payload: Buffer, partsAt: number): BulkPart[] | string | null {
  const parts: BulkPart[] = []
  let newer: string | null = null
  let lastClass = -1
  for (let at = partsAt; at < payload.length; ) {
    if (payload.length - at < PART_HEAD_BYTES) return null
    const clickClass = payload.readUInt32LE(at)
    const pairsAt = at + PART_HEAD_BYTES
    const end = pairsAt + payload.readUInt32LE(at + 4) * PAIR_BYTES
    if (clickClass <= lastClass || end === pairsAt || end > payload.length) return null
    const part = partOf(payload.subarray(pairsAt, end), clickClass as ClickClass)
    if (part === null) return null
    if (clickClass >= CLASSES.length) newer ??= `clicks of class ${clickClass}`
    else parts.push(part)
    lastClass = clickClass
    at = end
  }
  return newer ?? (parts.length === 0 ? null : parts)
}

/**
 * In memory of its own: the file's need not stay, nor begin with a word. null: it has words that nobody writes, see
 * hasPossibleWords. In an array of words they are looked at in a fifth of the time.
 */
function partOf(bytes: Buffer, clickClass: ClickClass): BulkPart | null {
  const pairs = new Int32Array(bytes.length / 4)
  Buffer.from(pairs.buffer).set(bytes)
  let clicks = 0
  for (let pair = 0; pair < pairs.length; pair += 2) {
    if (pairs[pair]! <= 0 || pairs[pair + 1]! <= 0) return null
    clicks += pairs[pair + 1]!
  }
  return { clickClass, pairs, clicks }
}
