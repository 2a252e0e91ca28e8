import type { Final } from '../../../../db/fleet/final-through.ts'
import type { Sums } from '../../../../db/stats/digits.ts'
import type { Entries } from '../../../../db/stats/entries.ts'
import type { RangeStats } from '../../../../db/stats/read-many.ts'
import type { ManyQuestion, Question } from '../../../questions/question.ts'
import { formatTime } from '../../../questions/time.ts'
import type { TimeRange } from '../../../questions/time-range.ts'
import type { WriteMinute } from '../../../questions/write-times.ts'
import { entriesOf, entryTimes, groupTimes, type WithEntries } from './entries.ts'
import type { StatsFormat } from './format.ts'
import { Piece } from './piece.ts'

const LISTS = { banner: 'banners', campaign: 'campaigns' } as const

/** It is written by hand: JSON.stringify knows no number above 2^53 exactly. */
export const statsJson: StatsFormat = {
  contentType: 'application/json',
  fileName: null,
  async *one(parts, bannerId, question) {
    const piece = new Piece()
    let final = ''
    let range: TimeRange | null = null
    let write: WriteMinute
    let isFirst = true
    for await (const part of parts)
      if (part.kind === 'begun') {
        final = finalText(part.final)
        piece.text(`{"bannerId":${bannerId},${asked(question)}`)
        yield piece.take()
      } else if (part.kind === 'sums') {
        if (range !== null) piece.text(`],"compared":{${rangeText(part.range, question)}`)
        range = part.range
        write = entryTimes(range, question)
        isFirst = true
        piece.text(`,${digitsOf(part.sums)}${final},"stats":[`)
        // An answer has it once.
        final = ''
      } else isFirst = yield* entriesPieces(part.entries, isFirst, write!, piece)
    piece.text(question.compare === null ? ']}' : ']}}')
    yield piece.take()
  },
  *many({ final, compared, ...answer }, question, hasSteps) {
    const piece = new Piece()
    piece.text(`{${asked(question)}`)
    yield* rangePieces(answer, question, hasSteps, piece, finalText(final))
    if (compared !== null) {
      piece.text(`,"compared":{${rangeText(compared.range, question)}`)
      yield* rangePieces(compared, question, hasSteps, piece)
      piece.text('}')
    }
    piece.text('}')
    yield piece.take()
  },
}

/** The sums of all, and then those of each group, or with `none` the entries of all. */
function* rangePieces(
  { range, sums, entries, groups }: RangeStats,
  question: ManyQuestion,
  hasSteps: boolean,
  piece: Piece,
  afterSums = '',
): Generator<Buffer, void> {
  const write = groupTimes(range, question)
  const statsOf = function* (of: Sums & WithEntries) {
    piece.text(',"stats":[')
    yield* entriesPieces(entriesOf(of, question, range), true, write, piece)
    piece.text(']')
  }
  piece.text(`,${digitsOf(sums)}${afterSums}`)
  if (question.group === 'none') {
    if (hasSteps) yield* statsOf({ ...sums, entries })
    return
  }
  piece.text(`,"${LISTS[question.group]}":[`)
  let separator = ''
  for (const group of groups) {
    // Without its brackets: a name is no number, so JSON.stringify has it right.
    piece.text(`${separator}{${JSON.stringify(group.of).slice(1, -1)},${digitsOf(group)}`)
    if (hasSteps) yield* statsOf(group)
    piece.text('}')
    separator = ','
    if (piece.isFull) yield piece.take()
  }
  piece.text(']')
}

/** Returns whether the next entry is still the first one of its list. */
function* entriesPieces(
  entries: Entries,
  isFirst: boolean,
  write: WriteMinute,
  piece: Piece,
): Generator<Buffer, boolean> {
  let isNextFirst = isFirst
  while (entries.next()) {
    piece.text(isNextFirst ? '{"ts":"' : ',{"ts":"')
    write(entries.start, piece)
    piece.text('","v":')
    piece.number(entries.total)
    if (!entries.bots.isZero) {
      piece.text(',"bots":')
      piece.number(entries.bots)
    }
    if (!entries.duplicates.isZero) {
      piece.text(',"duplicates":')
      piece.number(entries.duplicates)
    }
    piece.text('}')
    isNextFirst = false
    if (piece.isFull) yield piece.take()
  }
  return isNextFirst
}

/** The fields that an answer repeats of its question. */
function asked(question: Question): string {
  const { step, timeZone } = question
  return `${rangeText(question, question)},"step":"${step}","timeZone":"${timeZone}"`
}

function rangeText({ from, to }: TimeRange, { timeZone }: Question): string {
  return `"from":"${formatTime(from, timeZone)}","to":"${formatTime(to, timeZone)}"`
}

/** Follows the sums. */
function finalText({ finalThrough, heldBackBy }: Final): string {
  const held = heldBackBy.length === 0 ? '' : `,"heldBackBy":${JSON.stringify(heldBackBy)}`
  return `,"finalThrough":${JSON.stringify(finalThrough)}${held}`
}

function digitsOf({ total, bots, duplicates }: Sums): string {
  return `"total":${total},"bots":${bots},"duplicates":${duplicates}`
}
