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

/**
 * Cuts a range into the coarsest tables that fit: each step's whole days from days, then whole quarters from quarters,
 * and the rest from minutes. No piece crosses the beginning of a step. `starts` are as stepStarts gives them.
 */
export function cut(starts: readonly number[], range: MinuteRange, marks: Watermarks): Cuts {
  const cuts = { days: [] as MinuteRange[], quarters: [] as MinuteRange[], minutes: [] as MinuteRange[] }
  const rest = (from: number, to: number) => {
    const first = roundedUp(from, QUARTER)
    const last = Math.min(roundedDown(to, QUARTER), marks.quartersUntil)
    if (first >= last) {
      add(cuts.minutes, from, to)
      return
    }
    add(cuts.minutes, from, first)
    add(cuts.quarters, first, last)
    add(cuts.minutes, last, to)
  }
  for (let nth = 0; nth < starts.length; nth++) {
    const from = Math.max(starts[nth]!, range.from)
    const to = starts[nth + 1] ?? range.to
    const first = roundedUp(from, DAY)
    // The row of the day that the watermark is in ends there.
    const last = to >= marks.daysUntil ? marks.daysUntil : roundedDown(to, DAY)
    if (first >= last) rest(from, to)
    else {
      rest(from, first)
      add(cuts.days, first, last)
      rest(last, to)
    }
  }
  return cuts
}

function add(pieces: MinuteRange[], from: number, to: number): void {
  if (from >= to) return
  const before = pieces.at(-1)
  if (before?.to === from) pieces[pieces.length - 1] = { from: before.from, to }
  else pieces.push({ from, to })
}

function roundedUp(minute: number, length: number): number {
  return Math.ceil(minute / length) * length
}

function roundedDown(minute: number, length: number): number {
  return Math.floor(minute / length) * length
}
