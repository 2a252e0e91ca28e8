import type { MinuteRange } from './time-range.ts'

/**
 * The days, or hours, of UTC within which a step or the range begins or ends; neighbours are one piece. `bounds` are all
 * those beginnings and ends, ascending. `length` is that of a day or hour in minutes.
 */
export function aroundBounds(bounds: readonly number[], length: number): readonly MinuteRange[] {
  const pieces: { from: number; to: number }[] = []
  let to = Number.NEGATIVE_INFINITY
  // There may be 50 000.
  for (let nth = 0; nth < bounds.length; nth++) {
    const bound = bounds[nth]!
    if (bound <= to || bound % length === 0) continue
    const from = Math.floor(bound / length) * length
    if (from === to) pieces.at(-1)!.to = from + length
    else pieces.push({ from, to: from + length })
    to = from + length
  }
  return pieces
}
