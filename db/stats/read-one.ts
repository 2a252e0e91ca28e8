import type { Question } from '../../lib/questions/question.ts'
import { minutesOf, type TimeRange } from '../../lib/questions/time-range.ts'
import type { Final } from '../fleet/final-through.ts'
import type { HistoryState } from '../history/history-state.ts'
import { refuseManyEntries } from './bounds.ts'
import { activityOf, refuseManyRows } from './cost.ts'
import { NO_CLICKS, type Sums } from './digits.ts'
import { type Entries, unpacked } from './entries.ts'
import { minutesPart, type Part, partsOf, type Steps, wholePart } from './part.ts'
import { rangesOf } from './ranges.ts'
import type { Asked, MinutesPage, ReadState, Snapshot, StepsRow } from './snapshot.ts'
import { refuseDropped, refuseImported } from './too-fine.ts'

/**
 * What an answer about one banner consists of: `begun` once, then the `sums` of the range and its entries, page by page.
 * When the question compares, the `sums` and entries of the other range follow.
 */
export type StatsPart =
  | { readonly kind: 'begun'; readonly final: Final }
  | { readonly kind: 'sums'; readonly range: TimeRange; readonly sums: Sums }
  | { readonly kind: 'page'; readonly entries: Entries }

interface ReadPart {
  readonly part: Part
  readonly row: StepsRow | undefined
}

/** Reads an answer at once. Throws QuestionTooLargeError and TooFineError. */
export async function readSteps(
  snapshot: Snapshot,
  bannerId: number,
  asked: readonly Steps[],
  isFilled: boolean,
  state: ReadState,
): Promise<Iterable<StatsPart>> {
  const parts = await partsOf(asked, state)
  refuseManyRows(parts, activityOf(1))
  const read: ReadPart[] = []
  for (const part of parts) {
    refuseManyEntries(part.starts.length, 1)
    refuseDropped(part, state)
    await refuseImported(snapshot, { kind: 'ids', ids: [bannerId] }, part)
    const [row] = await snapshot.readSteps(askedOf(bannerId, part))
    read.push({ part, row })
  }
  return answerOf(read, isFilled, state.final)
}

function* answerOf(read: readonly ReadPart[], isFilled: boolean, final: Final): Generator<StatsPart, void> {
  yield { kind: 'begun', final }
  for (const { part, row } of read) {
    yield { kind: 'sums', range: part.range, sums: row ?? NO_CLICKS }
    yield { kind: 'page', entries: unpacked(row, part.starts, isFilled) }
  }
}

/** Reads an answer by minute at once when it has a page at most. null: it has more. Throws TooFineError. */
export async function readFewMinutes(
  snapshot: Snapshot,
  bannerId: number,
  question: Question,
  state: ReadState,
): Promise<StatsPart[] | null> {
  const read: StatsPart[] = [{ kind: 'begun', final: state.final }]
  for (const range of rangesOf(question)) {
    await refuseMinutes(snapshot, bannerId, range, state)
    const page = await snapshot.readMinutes(bannerId, minutesOf(range))
    if (page.rest !== null) return null
    const sums = await readSums(snapshot, bannerId, range, state)
    read.push({ kind: 'sums', range, sums }, { kind: 'page', entries: page.entries })
  }
  return read
}

/** Reads an answer by minute while it is sent. Throws as readFewMinutes, before `begun` comes. */
export async function* readMinutes(
  snapshot: Snapshot,
  bannerId: number,
  question: Question,
  state: ReadState,
): AsyncGenerator<StatsPart, void> {
  const ranges = rangesOf(question)
  for (const range of ranges) await refuseMinutes(snapshot, bannerId, range, state)
  for (const [nth, range] of ranges.entries()) {
    const first = await snapshot.readMinutes(bannerId, minutesOf(range))
    if (nth === 0) yield { kind: 'begun', final: state.final }
    yield { kind: 'sums', range, sums: await readSums(snapshot, bannerId, range, state) }
    for (let page: MinutesPage | null = first; page !== null; ) {
      // Before the yield: Postgres works on the next page while this one is formatted and sent.
      const next: Promise<MinutesPage> | null = page.rest && snapshot.readMinutes(bannerId, page.rest)
      // If the client goes away meanwhile, nobody awaits the next page, and its
      // rejection would end the process.
      next?.catch(() => {})
      yield { kind: 'page', entries: page.entries }
      page = await next
    }
  }
}

async function refuseMinutes(
  snapshot: Snapshot,
  bannerId: number,
  range: TimeRange,
  state: HistoryState,
): Promise<void> {
  const part = minutesPart(range)
  refuseDropped(part, state)
  await refuseImported(snapshot, { kind: 'ids', ids: [bannerId] }, part)
}

async function readSums(
  snapshot: Snapshot,
  bannerId: number,
  range: TimeRange,
  state: HistoryState,
): Promise<Sums> {
  const part = wholePart(range, state)
  const [row] = await snapshot.readSums(askedOf(bannerId, part), 1)
  return row ?? NO_CLICKS
}

function askedOf(bannerId: number, part: Part): Asked {
  return { choice: { kind: 'ids', ids: [bannerId] }, group: 'none', campaigns: null, part }
}
