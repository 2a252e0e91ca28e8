import type { Sums } from '../../../../db/stats/digits.ts'
import { type Entries, unpacked } from '../../../../db/stats/entries.ts'
import type { EntriesAgain } from '../../../../db/stats/read-many.ts'
import type { Question } from '../../../questions/question.ts'
import { minutesOf, type TimeRange } from '../../../questions/time-range.ts'
import { timeWriter, type WriteMinute } from '../../../questions/write-times.ts'

/** More than a month: the first step of a range may begin so long before it, with another offset. */
const LOOK_BACK_MINUTES = 40 * 1440

/** Writes the starts of the range's steps, given in minutes since the epoch, in the question's zone. */
export function entryTimes(range: TimeRange, { timeZone }: Question): WriteMinute {
  const { from, to } = minutesOf(range)
  return timeWriter(timeZone, { from: from - LOOK_BACK_MINUTES, to })
}

/** As entryTimes, for an answer in which many groups have the same starts: each is written once. */
export function groupTimes(range: TimeRange, question: Question): WriteMinute {
  const write = entryTimes(range, question)
  const texts = new Map<number, string>()
  return (minute, sink) => {
    let time = texts.get(minute)
    if (time === undefined) {
      const parts: string[] = []
      write(minute, { text: part => parts.push(part) })
      time = parts.join('')
      texts.set(minute, time)
    }
    sink.text(time)
  }
}

export interface WithEntries {
  readonly entries: EntriesAgain
}

/** The one of `all` is made of the sums: the reader tells it as these alone. */
export function entriesOf(
  { entries, total, bots, duplicates }: Sums & WithEntries,
  { fill }: Question,
  range: TimeRange,
): Entries {
  if (entries !== null) return entries()
  const { from, to } = minutesOf(range)
  const isNothing = [total, bots, duplicates].every(clicks => clicks === '0')
  const entry = { entrySteps: '1', entryTotals: total, entryBots: bots, entryDuplicates: duplicates }
  return unpacked(from === to || (isNothing && !fill) ? undefined : entry, [from], false)
}
