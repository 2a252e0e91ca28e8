import type { MinuteRange } from './time-range.ts'

const DAY = 1440
const QUARTER = 15

/** Up to where the coarser tables hold every click, in minutes since the epoch. Both are whole quarters. */
export interface Watermarks {
  readonly quartersUntil: number
  /** Not above `quartersUntil`. The day that it is in has a row with the quarters before it. */
  readonly daysUntil: number
}

/**
 * Which table is read for which part of a question. Each list is ascending, and neighbours in one table are one piece.
 *
 * A day counts for the step that its noon is in. A step that begins within a day has a part of the day on the other
 * side: these quarters are `moved`, from the step of the noon to their own. There are 48 of them in a day at most, where
 * the whole of it would be 96.
 */
export interface Cuts {
  readonly days: readonly MinuteRange[]
  readonly quarters: readonly MinuteRange[]
  readonly minutes: readonly MinuteRange[]
  /** Each within one of the days. They are in no other list. */
  readonly moved: readonly MinuteRange[]
}

interface Piece {
  readonly from: number
  to: number
}

type GrowingCuts = Readonly<Record<keyof Cuts, Piece[]>>

/**
 * Cuts a range into the coarsest tables that fit: whole days from days, then whole quarters from quarters, and the rest
 * from minutes. But for days, no piece crosses the beginning of a step. `starts` are as stepStarts gives them.
 *
 * There may be 50 000 steps, and the thread has other requests: so steps of whole quarters within a day, as nearly all
 * of so many are, become one piece without a call for each.
 */
export function cut(starts: readonly number[], range: MinuteRange, marks: Watermarks): Cuts {
  const cuts: GrowingCuts = { days: [], quarters: [], minutes: [], moved: [] }
  const bounds = boundsOf(starts, range, marks, cuts.moved)
  const quartersUntil = Math.min(marks.quartersUntil, marks.daysUntil - 1)
  const last = bounds.length - 1
  for (let nth = 0; nth < last; ) {
    const from = bounds[nth]!
    let end = from
    while (nth < last && end % QUARTER === 0) {
      const to = bounds[nth + 1]!
      if (to % QUARTER !== 0 || to > quartersUntil || to - end >= DAY) break
      end = to
      nth++
    }
    add(cuts.quarters, from, end)
    if (nth === last) break
    cutStep(cuts, end, bounds[nth + 1]!, marks)
    nth++
  }
  return cuts
}

/**
 * Where the range is cut: at the start of each step, and at its end. In a day of which all is summed up and asked for,
 * and in which one step begins, it is cut at midnight, and some quarters are moved.
 */
function boundsOf(
  starts: readonly number[],
  { from, to }: MinuteRange,
  { daysUntil }: Watermarks,
  moved: MinuteRange[],
): number[] {
  const bounds = starts.slice()
  if (bounds.length === 0) return bounds
  bounds[0] = Math.max(bounds[0]!, from)
  bounds.push(to)
  for (let nth = 1, before = bounds[0]!; nth < starts.length; nth++) {
    const bound = starts[nth]!
    const day = roundedDown(bound, DAY)
    const isInWholeDay = before <= day && day + DAY <= bounds[nth + 1]! && day + DAY <= daysUntil
    before = bound
    if (!isInWholeDay || bound === day || bound % QUARTER !== 0) continue
    bounds[nth] = day
    moved.push(bound <= day + DAY / 2 ? { from: day, to: bound } : { from: bound, to: day + DAY })
  }
  return bounds
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
