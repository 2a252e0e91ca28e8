import { TooFineError } from '../../lib/base/errors.ts'
import { aroundBounds } from '../../lib/questions/inner-bounds.ts'
import type { BannerChoice } from '../../lib/questions/question.ts'
import { formatTime } from '../../lib/questions/time.ts'
import { type MinuteRange, minutesOf, startOf } from '../../lib/questions/time-range.ts'
import type { HistoryState } from '../history/history-state.ts'
import type { Part } from './part.ts'
import type { Snapshot } from './snapshot.ts'

const GRAINS = { hour: 60, day: 1440 } as const
const DAYS_OF_UTC = 'with "timeZone" "UTC" and a range of whole days'
const HOURS_OF_UTC = 'in hours of UTC: steps, and the range, begin and end with one'

/** Throws TooFineError where a part needs minutes or quarters that were dropped. */
export function refuseDropped({ cuts }: Part, { minutesFrom, quartersFrom }: HistoryState): void {
  const minute = cuts.minutes[0]?.from ?? Infinity
  const quarter = Math.min(...[cuts.quarters, cuts.moved].map(pieces => pieces[0]?.from ?? Infinity))
  const areQuartersDropped = Math.min(minute, quarter) < (quartersFrom ?? -Infinity)
  if (areQuartersDropped)
    throw new TooFineError(
      `only days of UTC are kept of the time before ${timeOf(quartersFrom!)}: the finest step there is "day", ` +
        DAYS_OF_UTC,
    )
  if (minute < (minutesFrom ?? -Infinity))
    throw new TooFineError(
      `minutes are kept since ${timeOf(minutesFrom!)}: the finest step before that is "quarter", and a range has to ` +
        'begin and end with a quarter of an hour there',
    )
}

/** Throws TooFineError where clicks were imported by hours or days, and a step begins or ends within one of them. */
export async function refuseImported(snapshot: Snapshot, choice: BannerChoice, part: Part): Promise<void> {
  const { from, to } = minutesOf(part.range)
  // By minute, every hour has bounds in it.
  const bounds = part.step === 'minute' ? null : boundsOf(part.starts, { from, to })
  const pieces = (['day', 'hour'] as const).flatMap(grain => {
    const length = GRAINS[grain]
    const around =
      bounds === null ? [{ from: Math.floor(from / length) * length, to }] : aroundBounds(bounds, length)
    return around.map(piece => ({ grain, ...piece }))
  })
  if (pieces.length === 0) return
  const found = await snapshot.findImported(choice, pieces)
  if (found === null) return
  const { bannerId, grain, startsAt } = found
  const isOfOne = choice.kind === 'ids' && choice.ids.length === 1
  const others = isOfOne ? '' : '. Or leave such banners out: name others by "ids"'
  throw new TooFineError(
    `clicks of banner ${bannerId} at ${timeOf(startsAt)} were imported by the ${grain}: the finest step there is ` +
      `"${grain}", ${grain === 'day' ? DAYS_OF_UTC : HOURS_OF_UTC}${others}`,
  )
}

/** Not spread: with 50 000 steps that takes a new thread 5 ms, and a copy half a millisecond. */
function boundsOf(starts: readonly number[], { from, to }: MinuteRange): number[] {
  const bounds = starts.slice()
  bounds[0] = from
  bounds.push(to)
  return bounds
}

function timeOf(minute: number): string {
  return formatTime(startOf(minute))
}
