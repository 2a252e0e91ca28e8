import { type OffsetSpan, offsetSpans } from './offsets.ts'
import type { Question } from './question.ts'
import type { Step } from './step.ts'
import { type MinuteRange, minutesOf } from './time-range.ts'

const DAY_S = 86_400
/** Steps that are counted off from each full hour of the zone's clocks, in seconds. */
const CLOCK_STEPS_S = { quarter: 900, hour: 3600 } as const
/**
 * More than a step that began before the range, in days. A zone's day may last for 48 hours: Kwajalein's did, when it
 * crossed the date line.
 */
const LOOK_BACK_DAYS = { day: 3, week: 10, month: 34 } as const
type DateStep = keyof typeof LOOK_BACK_DAYS

/**
 * At least so many steps touch the range. To be asked before stepStarts: of steps by the clock there may be millions, and
 * there are few more than this number.
 */
export function leastSteps(step: Step, range: MinuteRange): number {
  const minutes = range.to - range.from
  if (step === 'minute') return minutes
  return step === 'quarter' || step === 'hour' ? Math.floor(minutes / (CLOCK_STEPS_S[step] / 60)) : 1
}

/**
 * Where the steps begin that touch the range, in minutes since the epoch, ascending. A step lasts until the next one.
 * The first may begin before the range. Whoever calls this has asked leastSteps first.
 *
 * A minute of UTC belongs to the step in which it starts. Hours and quarters begin anew where the clocks are changed.
 * A day begins at its first moment in the zone: where clocks are turned back over midnight, at the first of the two
 * midnights. A day that the zone skipped is left out.
 */
export function stepStarts({
  step,
  timeZone,
  ...range
}: Omit<Question, 'fill' | 'compare'>): readonly number[] {
  const { from, to } = minutesOf(range)
  if (from >= to) return []
  if (step === 'all') return [from]
  if (step === 'minute') return Array.from({ length: to - from }, (_, nth) => from + nth)
  const starts =
    step === 'quarter' || step === 'hour'
      ? clockStarts(timeZone, CLOCK_STEPS_S[step], from * 60, to * 60)
      : dateStarts(timeZone, step, from * 60, to * 60)
  return touching(starts, { from, to })
}

/** Leaves out what ends before the range or begins after it. */
function touching(starts: readonly number[], { from, to }: MinuteRange): number[] {
  let first = 0
  let end = starts.length
  while (first + 1 < end && starts[first + 1]! <= from) first++
  while (end > first && starts[end - 1]! >= to) end--
  return starts.slice(first, end)
}

/**
 * Ascending minutes. There may be 50 000 of them, and the thread has other requests: so each costs an addition, and it
 * is one of small whole numbers.
 */
function clockStarts(timeZone: string, length: number, from: number, to: number): number[] {
  const starts: number[] = []
  const minutes = length / 60
  const spans = offsetSpans(timeZone, from - length, to)
  for (const [nth, span] of spans.entries()) {
    if (nth > 0) add(starts, span.from)
    const first = Math.ceil((span.from + span.offset) / length) * length - span.offset
    const count = Math.ceil((Math.min(span.to, to) - first) / length)
    if (count > 0) add(starts, first)
    for (let step = 1, start = Math.ceil(first / 60); step < count; step++) starts.push((start += minutes))
  }
  return starts
}

/** Ascending minutes. */
function dateStarts(timeZone: string, step: DateStep, from: number, to: number): number[] {
  const starts: number[] = []
  const spans = offsetSpans(timeZone, from - LOOK_BACK_DAYS[step] * DAY_S, to)
  const firstMoment = dayStarts(spans)
  const { from: first, offset } = spans[0]!
  for (const date of datesFrom(step, Math.ceil((first + offset) / DAY_S))) {
    const start = firstMoment(date)
    if (start >= to) break
    add(starts, start)
  }
  return starts
}

/** The first minute that starts not before that second, unless it is there. */
function add(minutes: number[], second: number): void {
  const minute = Math.ceil(second / 60)
  if (minute !== minutes.at(-1)) minutes.push(minute)
}

/** The dates that begin a step, from a date on, as days since 1970-01-01. */
function* datesFrom(step: DateStep, first: number): Generator<number> {
  if (step === 'month') {
    const month = new Date(first * DAY_S * 1000)
    month.setUTCDate(1)
    for (;;) {
      month.setUTCMonth(month.getUTCMonth() + 1)
      yield month.getTime() / 1000 / DAY_S
    }
  }
  // 1970-01-05 was a Monday.
  const length = step === 'week' ? 7 : 1
  for (let date = Math.ceil((first - 4) / length) * length + 4; ; date += length) yield date
}

/** Gives the first moment of dates in seconds since the epoch. It is asked for ascending dates. */
function dayStarts(spans: readonly OffsetSpan[]): (date: number) => number {
  let nth = 0
  return date => {
    const midnight = date * DAY_S
    // The first span whose clocks have not passed that midnight at its end.
    while (midnight >= spans[nth]!.to + spans[nth]!.offset) nth++
    const { from, offset } = spans[nth]!
    // Clocks that were put forward over midnight never showed it.
    return Math.max(from, midnight - offset)
  }
}
