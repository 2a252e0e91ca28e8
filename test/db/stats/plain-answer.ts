import type { Sums } from '../../../db/stats/digits.ts'
import type { ManyStats, RangeStats } from '../../../db/stats/read-many.ts'
import { comparedRange } from '../../../lib/questions/compare.ts'
import type { BannerChoice, ManyQuestion } from '../../../lib/questions/question.ts'
import type { TimeRange } from '../../../lib/questions/time-range.ts'
import { plainStart } from '../../questions/plain-steps.ts'
import { type EntryRow, rowsOf } from '../../support/entries.ts'

const MINUTE_MS = 60_000

/** A row of click_minutes; `minute` is in minutes since the epoch. */
export interface MinuteRow {
  readonly bannerId: number
  readonly minute: number
  readonly clicks: bigint
  readonly bots: bigint
  readonly duplicates: bigint
}

/** A registered banner. */
export interface PlainBanner {
  readonly id: number
  readonly name: string
  readonly campaign: string | null
  readonly labels: readonly string[]
}

export type PlainEntry = EntryRow

/** What a ManyStats says, without its streams. */
export interface PlainRange {
  readonly sums: Sums
  readonly entries: readonly PlainEntry[]
  readonly groups: readonly {
    readonly of: object
    readonly sums: Sums
    readonly entries: readonly PlainEntry[]
  }[]
}

type Key = number | string | null

/** The answer by the minutes alone: each row is looked at, and Temporal says where its step begins. */
export function plainAnswer(
  rows: readonly MinuteRow[],
  banners: readonly PlainBanner[],
  question: ManyQuestion,
): { answer: PlainRange; compared: PlainRange | null } {
  const isOf = chosenBy(question.choice, banners)
  const chosen = rows.filter(({ bannerId }) => isOf(bannerId))
  const keyOf = ({ bannerId }: MinuteRow): Key =>
    question.group === 'banner' ? bannerId : (banners.find(({ id }) => id === bannerId)?.campaign ?? null)
  const wanted = wantedKeys(within(chosen, question), banners, question, keyOf)
  const answerOf = (range: TimeRange): PlainRange => {
    const found = within(chosen, range)
    const entriesOf = (rows: readonly MinuteRow[]) => plainEntries(rows, question, range)
    return {
      sums: sumOf(found),
      entries: question.group === 'none' ? entriesOf(found) : [],
      groups: wanted.map(key => {
        const own = found.filter(row => keyOf(row) === key)
        return { of: nameOf(key, banners, question), sums: sumOf(own), entries: entriesOf(own) }
      }),
    }
  }
  const other = question.compare && comparedRange(question, question.timeZone, question.compare)
  return { answer: answerOf(question), compared: other && answerOf(other) }
}

/** The same form of what the service says. */
export function plainly({ compared, ...answer }: ManyStats): ReturnType<typeof plainAnswer> {
  const entriesOf = (of: Pick<RangeStats, 'entries'>): PlainEntry[] =>
    of.entries === null ? [] : rowsOf(of.entries())
  const rangeOf = (stats: RangeStats): PlainRange => ({
    sums: stats.sums,
    entries: entriesOf(stats),
    groups: stats.groups.map(({ of, entries, total, bots, duplicates }) => ({
      ...{ of, sums: { total, bots, duplicates }, entries: entriesOf({ entries }) },
    })),
  })
  return { answer: rangeOf(answer), compared: compared && rangeOf(compared) }
}

function chosenBy(choice: BannerChoice, banners: readonly PlainBanner[]): (bannerId: number) => boolean {
  const isRegistered = (is: (banner: PlainBanner) => boolean) => (bannerId: number) =>
    banners.some(banner => banner.id === bannerId && is(banner))
  if (choice.kind === 'ids') return bannerId => choice.ids.includes(bannerId)
  if (choice.kind === 'campaign') return isRegistered(({ campaign }) => campaign === choice.campaign)
  if (choice.kind === 'label') return isRegistered(({ labels }) => labels.includes(choice.label))
  return () => true
}

/** The minutes that start in the range. */
function within(rows: readonly MinuteRow[], { from, to }: TimeRange): MinuteRow[] {
  return rows.filter(
    ({ minute }) => minute * MINUTE_MS >= from.getTime() && minute * MINUTE_MS < to.getTime(),
  )
}

function wantedKeys(
  rows: readonly MinuteRow[],
  banners: readonly PlainBanner[],
  { choice, group, top }: ManyQuestion,
  keyOf: (row: MinuteRow) => Key,
): Key[] {
  if (group === 'none') return []
  const clicked = [...new Set(rows.map(keyOf))].toSorted(inOrder)
  if (top !== null) {
    const clicksOf = (key: Key) => BigInt(sumOf(rows.filter(row => keyOf(row) === key)).total)
    const byClicks = (one: Key, other: Key) => Number(clicksOf(other) - clicksOf(one))
    return clicked.toSorted(byClicks).slice(0, top)
  }
  if (group === 'campaign' || choice.kind === 'all') return clicked
  if (choice.kind === 'ids') return [...choice.ids]
  return banners
    .map(({ id }) => id)
    .filter(chosenBy(choice, banners))
    .toSorted(inOrder)
}

function inOrder(one: Key, other: Key): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1
  return one < other ? -1 : 1
}

function nameOf(key: Key, banners: readonly PlainBanner[], { group }: ManyQuestion): object {
  if (group === 'campaign') return { campaign: key }
  return { bannerId: key, name: banners.find(({ id }) => id === key)?.name ?? null }
}

function plainEntries(rows: readonly MinuteRow[], question: ManyQuestion, range: TimeRange): PlainEntry[] {
  const { step, timeZone, fill } = question
  if (step === 'all') return []
  const byStart = new Map<number, MinuteRow[]>()
  const of = (minute: number) => byStart.getOrInsert(plainStart(step, timeZone, minute), [])
  if (fill) for (let minute = ceil(range.from); minute < ceil(range.to); minute++) of(minute)
  for (const row of rows) of(row.minute).push(row)
  return [...byStart]
    .toSorted(([one], [other]) => one - other)
    .map(([start, rows]) => {
      const { total, bots, duplicates } = sumOf(rows)
      return [start, total, bots, duplicates]
    })
}

function ceil(time: Date): number {
  return Math.ceil(time.getTime() / MINUTE_MS)
}

function sumOf(rows: readonly MinuteRow[]): Sums {
  const sum = (name: 'clicks' | 'bots' | 'duplicates') =>
    rows.reduce((clicks, row) => clicks + row[name], 0n).toString()
  return { total: sum('clicks'), bots: sum('bots'), duplicates: sum('duplicates') }
}
