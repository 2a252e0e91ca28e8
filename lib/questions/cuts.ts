import type { MinuteRange } from './time-range.ts'

const DAY = 1440
const QUARTER = 15

/** Up to where the coarser tables hold every click, in minutes since the epoch. Both are whole quarters. */
export interface Watermarks {
  readonly quartersUntil: number
  /** Not above `quartersUntil`. The day that it is in has a row with the quarters before it. */
  readonly daysUntil: number
}

/** Which table is read for which part of a question. Each list is ascending, and neighbours are one. */
export interface Cuts {
  readonly days: readonly MinuteRange[]
  readonly quarters: readonly MinuteRange[]
  readonly minutes: readonly MinuteRange[]
}

interface Piece {
  readonly from: number
  to: number
}

type GrowingCuts = Readonly<Record<keyof Cuts, Piece[]>>

/**
 * Cuts a range into the coarsest tables that fit: each step's whole days from days, then whole quarters from quarters,
 * and the rest from minutes. No piece crosses the beginning of a step. `starts` are as stepStarts gives them.
 *
 * There may be 50 000 steps, and the thread has other requests: so steps of whole quarters within a day, as nearly all
 * of so many are, become one piece without a call for each.
 */
export function cut(starts: readonly number[], range: MinuteRange, marks: Watermarks): Cuts {
  const cuts: GrowingCuts = { days: [], quarters: [], minutes: [] }
  const count = starts.length
  const quartersUntil = Math.min(marks.quartersUntil, marks.daysUntil - 1)
  for (let nth = 0; nth < count; ) {
    const from = nth === 0 ? Math.max(starts[0]!, range.from) : starts[nth]!
    let end = from
    while (nth < count && end % QUARTER === 0) {
      const to = nth + 1 < count ? starts[nth + 1]! : range.to
      if (to % QUARTER !== 0 || to > quartersUntil || to - end >= DAY) break
      end = to
      nth++
    }
    add(cuts.quarters, from, end)
    if (nth === count) break
    cutStep(cuts, end, nth + 1 < count ? starts[nth + 1]! : range.to, marks)
    nth++
  }
  return cuts
}

function cutStep(cuts: GrowingCuts, from: number, to: number, marks: Watermarks): void {
  const first = roundedUp(from, DAY)
  // The row of the day that the watermark is in ends there.
  const last = to >= marks.daysUntil ? marks.daysUntil : roundedDown(to, DAY)
  if (first >= last) cutRest(cuts, from, to, marks)
  else {
    cutRest(cuts, from, first, marks)
    add(cuts.days, first, last)
    cutRest(cuts, last, to, marks)
  }
}

/** What is in no whole day. */
function cutRest(cuts: GrowingCuts, from: number, to: number, { quartersUntil }: Watermarks): void {
  const first = roundedUp(from, QUARTER)
  const last = Math.min(roundedDown(to, QUARTER), quartersUntil)
  if (first >= last) {
    add(cuts.minutes, from, to)
    return
  }
  add(cuts.minutes, from, first)
  add(cuts.quarters, first, last)
  add(cuts.minutes, last, to)
}

function add(pieces: Piece[], from: number, to: number): void {
  if (from >= to) return
  const last = pieces.at(-1)
  if (last?.to === from) last.to = to
  else pieces.push({ from, to })
}

function roundedUp(minute: number, length: number): number {
  return Math.ceil(minute / length) * length
}

function roundedDown(minute: number, length: number): number {
  return Math.floor(minute / length) * length
}
