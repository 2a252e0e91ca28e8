import type { MinuteRange } from './time-range.ts'

/**
 * The days, or hours, of UTC within which a step or the range begins or ends; neighbours are one piece. `bounds` are all
 * those beginnings and ends, ascending. `length` is that of a day or hour in minutes.
 */
export function aroundBounds(bounds: Iterable<number>, length: number): readonly MinuteRange[] {
  const pieces: { from: number; to: number }[] = []
  for (const bound of bounds) {
    const from = Math.floor(bound / length) * length
    if (from === bound) continue
    const last = pieces.at(-1)
    if (last !== undefined && last.to >= from) last.to = from + length
    else pieces.push({ from, to: from + length })
  }
  return pieces
}
