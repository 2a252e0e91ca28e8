import { MINUTE_BYTES, PAIR_BYTES } from './format.ts'

/** Whether it is a minute at `start` with pairs behind it: not half a pair, and no number that nobody writes. */
export function isOfPairs(payload: Buffer, start: number): boolean {
  const pairs = start + MINUTE_BYTES
  if (payload.length < pairs || (payload.length - pairs) % PAIR_BYTES !== 0) return false
  return hasPossibleWords(payload, start, payload.length)
}

/** Minutes, banners and clicks are all from 1 to 2^31 − 1; others would be nobody's, or break the sums. */
export function hasPossibleWords(payload: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 4) if (payload.readInt32LE(at) <= 0) return false
  return true
}
