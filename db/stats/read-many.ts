import type { ManyQuestion } from '../../lib/questions/question.ts'
import { stepStarts } from '../../lib/questions/step-starts.ts'
import { minutesOf, type TimeRange } from '../../lib/questions/time-range.ts'
import { MAX_GROUPS, refuseManyEntries, tooManyGroups } from './bounds.ts'
import { NO_CLICKS, type Sums } from './digits.ts'
import { type Entries, unpacked } from './entries.ts'
import { rangesOf } from './ranges.ts'
import type { Snapshot, StepsAsked, StepsRow } from './snapshot.ts'

/** What one answer says of one range. */
export interface RangeStats {
  readonly range: TimeRange
  /** Of all banners chosen, also of those that are in no group of the answer. */
  readonly sums: Sums
  /** With group `none`: of all banners chosen together. */
  readonly entries: Iterable<Entries>
  /** With `top` in its order, else in the order of the ids, by id, or by campaign. */
  readonly groups: readonly GroupStats[]
}

/** One banner or campaign. */
export interface GroupStats extends Sums {
  /** campaign null: banners that nobody registered, or that are in none. */
  readonly of:
    | { readonly bannerId: number; readonly name: string | null }
    | { readonly campaign: string | null }
  /** None when the step is `all`. */
  readonly entries: Iterable<Entries>
}

export interface ManyStats extends RangeStats {
  /** The other range that was asked for, with the same groups in the same order. */
  readonly compared: RangeStats | null
}

/** What the answer has a group for: banners by id or campaigns by name, in its order. */
type Wanted = readonly number[] | readonly (string | null)[]

/** Throws QuestionTooLargeError. */
export async function readMany(snapshot: Snapshot, question: ManyQuestion): Promise<ManyStats> {
  const [range, compared] = rangesOf(question)
  const wanted = await wantedGroups(snapshot, question)
  if (question.step !== 'all') refuseManyEntries(question, Math.max(1, wanted.length))
  const stats = await readRange(snapshot, question, range, wanted)
  return { ...stats, compared: compared ? await readRange(snapshot, question, compared, wanted) : null }
}

/** Decides which groups the answer has. Where that depends on their clicks, they are read first. */
async function wantedGroups(snapshot: Snapshot, question: ManyQuestion): Promise<Wanted> {
  const { choice, group, top } = question
  if (group === 'none') return []
  if (group === 'banner' && choice.kind === 'ids' && top === null) return choice.ids
  const rows = await snapshot.readSteps({
    ...sumsAsked(question, question),
    group,
    limit: top ?? MAX_GROUPS + 1,
  })
  if (rows.length > MAX_GROUPS) throw tooManyGroups()
  if (group === 'campaign') return rows.map(row => row.campaign)
  const ids = rows.map(({ bannerId }) => bannerId!)
  return top === null ? ids.toSorted((one, other) => one - other) : ids
}

async function readRange(
  snapshot: Snapshot,
  question: ManyQuestion,
  range: TimeRange,
  wanted: Wanted,
): Promise<RangeStats> {
  const starts = stepStarts({ ...question, ...range })
  const unpack = (row: StepsRow | undefined) =>
    question.step === 'all' ? [] : { [Symbol.iterator]: () => unpacked(row ?? null, starts, question.fill) }
  const asked = { ...sumsAsked(question, range), starts, hasEntries: question.step !== 'all' }
  if (question.group === 'none') {
    const [row] = await snapshot.readSteps({ ...asked, group: 'none' })
    return { range, sums: row ?? NO_CLICKS, entries: unpack(row), groups: [] }
  }
  const [all] = await snapshot.readSteps({ ...sumsAsked(question, range), group: 'none' })
  const rows = await snapshot.readSteps({ ...asked, ...restricted(question, wanted), limit: MAX_GROUPS })
  const names = question.group === 'banner' ? await snapshot.readNames(wanted as number[]) : null
  const rowOf = new Map(rows.map(row => [names === null ? row.campaign : row.bannerId, row]))
  const groups = wanted.map((one): GroupStats => {
    const row = rowOf.get(one)
    const of =
      names === null
        ? { campaign: one as string | null }
        : { bannerId: one as number, name: names.get(one as number) ?? null }
    return { of, ...sumsOf(row), entries: unpack(row) }
  })
  return { range, sums: sumsOf(all), entries: [], groups }
}

/** One sum of all banners chosen. */
function sumsAsked({ choice }: ManyQuestion, range: TimeRange): StepsAsked {
  const minutes = minutesOf(range)
  return {
    ...{ choice, group: 'none', campaigns: null, range: minutes, starts: [minutes.from] },
    ...{ hasEntries: false, limit: 1 },
  }
}

function restricted({ group }: ManyQuestion, wanted: Wanted): Partial<StepsAsked> {
  return group === 'campaign'
    ? { group, campaigns: wanted as (string | null)[] }
    : { group, choice: { kind: 'ids', ids: wanted as number[] } }
}

function sumsOf(row: StepsRow | undefined): Sums {
  if (row === undefined) return NO_CLICKS
  return { total: row.total, bots: row.bots, duplicates: row.duplicates }
}
