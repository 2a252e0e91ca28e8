import type { Sums } from '../../../../db/stats/digits.ts'
import type { Entries } from '../../../../db/stats/entries.ts'
import type { ManyStats, RangeStats } from '../../../../db/stats/read-many.ts'
import type { ManyQuestion, Question } from '../../../questions/question.ts'
import { formatTime } from '../../../questions/time.ts'
import type { TimeRange } from '../../../questions/time-range.ts'
import { entriesOf, entryTimes, groupTimes, type WithEntries, type WriteMinute } from './entries.ts'
import type { StatsFormat } from './format.ts'
import { inPieces } from './pieces.ts'

const LISTS = { banner: 'banners', campaign: 'campaigns' } as const

/** It is written by hand: JSON.stringify knows no number above 2^53 exactly. */
export const statsJson: StatsFormat = {
  contentType: 'application/json',
  fileName: null,
  async *one(parts, bannerId, question) {
    let range: TimeRange | null = null
    let write: WriteMinute
    let separator = ''
    for await (const part of parts)
      if (part.kind === 'begun') yield `{"bannerId":${bannerId},${asked(question)}`
      else if (part.kind === 'sums') {
        if (range !== null) yield `],"compared":{${rangeText(part.range, question)}`
        range = part.range
        write = entryTimes(range, question)
        separator = ''
        yield `,${digitsOf(part.sums)},"stats":[`
      } else if (part.starts.length > 0) {
        yield separator + entriesText(part, write!)
        separator = ','
      }
    yield question.compare === null ? ']}' : ']}}'
  },
  many: (answer, question, hasSteps) => inPieces(manyText(answer, question, hasSteps)),
}

function* manyText(
  { compared, ...answer }: ManyStats,
  question: ManyQuestion,
  hasSteps: boolean,
): Generator<string, void> {
  yield `{${asked(question)}`
  yield* rangeStatsText(answer, question, hasSteps)
  if (compared !== null) {
    yield `,"compared":{${rangeText(compared.range, question)}`
    yield* rangeStatsText(compared, question, hasSteps)
    yield '}'
  }
  yield '}'
}

/** The sums of all, and then those of each group, or with `none` the entries of all. */
function* rangeStatsText(
  answer: RangeStats,
  question: ManyQuestion,
  hasSteps: boolean,
): Generator<string, void> {
  const { range, sums, groups } = answer
  const write = groupTimes(range, question)
  const statsOf = (of: Sums & WithEntries) =>
    hasSteps ? statsText(entriesOf(of, question, range), write) : []
  yield `,${digitsOf(sums)}`
  if (question.group === 'none') {
    yield* statsOf({ ...sums, entries: answer.entries })
    return
  }
  yield `,"${LISTS[question.group]}":[`
  let separator = ''
  for (const group of groups) {
    // Without its brackets: a name is no number, so JSON.stringify has it right.
    yield `${separator}{${JSON.stringify(group.of).slice(1, -1)},${digitsOf(group)}`
    yield* statsOf(group)
    yield '}'
    separator = ','
  }
  yield ']'
}

function* statsText(pages: Iterable<Entries>, write: WriteMinute): Generator<string, void> {
  yield ',"stats":['
  let separator = ''
  for (const entries of pages) {
    yield separator + entriesText(entries, write)
    separator = ','
  }
  yield ']'
}

/** The fields that an answer repeats of its question. */
function asked(question: Question): string {
  const { step, timeZone } = question
  return `${rangeText(question, question)},"step":"${step}","timeZone":"${timeZone}"`
}

function rangeText({ from, to }: TimeRange, { timeZone }: Question): string {
  return `"from":"${formatTime(from, timeZone)}","to":"${formatTime(to, timeZone)}"`
}

function digitsOf({ total, bots, duplicates }: Sums): string {
  return `"total":${total},"bots":${bots},"duplicates":${duplicates}`
}

/** Not empty. */
function entriesText({ starts, totals, bots, duplicates }: Entries, write: WriteMinute): string {
  let text = ''
  for (let row = 0; row < starts.length; row++) {
    text += `${row === 0 ? '' : ','}{"ts":"${write(starts[row]!)}","v":${totals[row]}`
    if (bots[row] !== '0') text += `,"bots":${bots[row]}`
    if (duplicates[row] !== '0') text += `,"duplicates":${duplicates[row]}`
    text += '}'
  }
  return text
}
