import type { Step } from '../../lib/questions/step.ts'

const MINUTE_MS = 60_000
const LENGTHS_MINUTES = { quarter: 15, hour: 60 } as const
const UNITS = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const

/**
 * Where the step begins that a minute is in, in minutes since the epoch: slow and obvious, by Temporal alone. For all
 * steps but `all`.
 */
export function plainStart(step: Exclude<Step, 'all'>, timeZone: string, minute: number): number {
  if (step === 'minute') return minute
  const time = Temporal.Instant.fromEpochMilliseconds(minute * MINUTE_MS).toZonedDateTimeISO(timeZone)
  const startMs = step === 'quarter' || step === 'hour' ? clockStart(time, step) : dateStart(time, step)
  return Math.ceil(startMs / MINUTE_MS)
}

/** The last full hour or quarter that the clocks showed, or the last moment at which they were changed. */
function clockStart(time: Temporal.ZonedDateTime, step: keyof typeof LENGTHS_MINUTES): number {
  const { minute, second, epochMilliseconds } = time
  const full = epochMilliseconds - ((minute % LENGTHS_MINUTES[step]) * 60 + second) * 1000
  const change = time.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')
  return Math.max(full, change?.epochMilliseconds ?? full)
}

/** The last first moment of a day, a Monday or a first of a month that is not after it. */
function dateStart(time: Temporal.ZonedDateTime, step: keyof typeof UNITS): number {
  const date = time.toPlainDate()
  const firsts = {
    day: date,
    week: date.subtract({ days: date.dayOfWeek - 1 }),
    month: date.with({ day: 1 }),
  }
  const first = firsts[step]
  // The next one may have begun already: where clocks are turned back over midnight.
  return [first.add(UNITS[step]), first, first.subtract(UNITS[step])]
    .map(start => start.toZonedDateTime(time.timeZoneId).epochMilliseconds)
    .find(startMs => startMs <= time.epochMilliseconds)!
}
