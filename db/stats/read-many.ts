import type { BannerChoice, ManyQuestion } from '../../lib/questions/question.ts'
import { minutesOf, type TimeRange } from '../../lib/questions/time-range.ts'
import type { Final } from '../fleet/final-through.ts'
import type { HistoryState } from '../history/history-state.ts'
import { MAX_GROUPS, refuseManyEntries, tooManyGroups } from './bounds.ts'
import { activityOf, areOfDays, MAX_ROWS, refuseManyRows } from './cost.ts'
import { NO_CLICKS, type Sums, sumOf } from './digits.ts'
import { type Entries, type PackedEntries, unpacked } from './entries.ts'
import { type Part, partsOf, type Steps } from './part.ts'
import type { Activity, Asked, RankedRow, ReadState, Snapshot, StepsRow, SumsRow } from './snapshot.ts'
import { refuseDropped, refuseImported } from './too-fine.ts'

const DAY_MINUTES = 1440

/** Each call begins again. null: there are none. */
export type EntriesAgain = (() => Entries) | null

/** What one answer says of one range. */
export interface RangeStats {
  readonly range: TimeRange
  /** Of all banners chosen, also of those that are in no group of the answer. */
  readonly sums: Sums
  /** With group `none`: of all banners chosen together. */
  readonly entries: EntriesAgain
  /** With `top` in its order, else in the order of the ids, by id, or by campaign. */
  readonly groups: readonly GroupStats[]
}

/** One banner or campaign. */
export interface GroupStats extends Sums {
  /** campaign null: banners that nobody registered, or that are in none. */
  readonly of:
    | { readonly bannerId: number; readonly name: string | null }
    | { readonly campaign: string | null }
  /** null: the step is `all`. */
  readonly entries: EntriesAgain
}

export interface ManyStats extends RangeStats {
  readonly final: Final
  /** The other range that was asked for, with the same groups in the same order. */
  readonly compared: RangeStats | null
}

/** What the answer has a group for: banners by id or campaigns by name, in its order. */
type Wanted = readonly (number | string | null)[]

/** Throws QuestionTooLargeError and TooFineError. */
export async function readMany(
  snapshot: Snapshot,
  question: ManyQuestion,
  asked: readonly Steps[],
  state: ReadState,
): Promise<ManyStats> {
  const choice = await fewBanners(snapshot, question.choice)
  const parts = await partsOf(asked, state)
  for (const part of parts) {
    refuseDropped(part, state)
    await refuseImported(snapshot, choice, part)
  }
  refuseManyRows(parts, await activityFor(snapshot, choice, question, state))
  if (choice.kind !== 'ids' && areOfDays(parts)) await snapshot.planDays()
  const reading = new Reading(snapshot, { ...question, choice })
  const [range, compared] = parts
  return {
    final: state.final,
    ...(await reading.first(range!)),
    compared: compared ? await reading.compared(compared) : null,
  }
}

/** A campaign or label of few banners is their ids: reading these by the key costs least. */
async function fewBanners(snapshot: Snapshot, choice: BannerChoice): Promise<BannerChoice> {
  if (choice.kind === 'ids' || choice.kind === 'all') return choice
  const ids = await snapshot.readChosen(choice, MAX_GROUPS + 1)
  return ids.length > MAX_GROUPS ? choice : { kind: 'ids', ids }
}

/**
 * Of how many banners rows are read. Without ids: of all that are clicked. The last whole day that is summed up stands
 * for the others.
 */
async function activityFor(
  snapshot: Snapshot,
  choice: BannerChoice,
  range: TimeRange,
  { daysUntil }: HistoryState,
): Promise<Activity> {
  if (choice.kind === 'ids') return activityOf(choice.ids.length)
  const dayAfter = Math.floor(Math.min(minutesOf(range).to, daysUntil) / DAY_MINUTES) * DAY_MINUTES
  return await snapshot.readActivity(dayAfter - DAY_MINUTES, MAX_ROWS)
}

/** Reads what the groups of one question have. */
class Reading {
  readonly #snapshot: Snapshot
  readonly #question: ManyQuestion
  #wanted: Wanted = []
  #names: ReadonlyMap<number, string> = new Map()

  constructor(snapshot: Snapshot, question: ManyQuestion) {
    this.#snapshot = snapshot
    this.#question = question
  }

  /** Decides which groups the answer has. Where that depends on their clicks, these are summed up first. */
  async first(part: Part): Promise<RangeStats> {
    const { group, top, step } = this.#question
    if (group === 'none') return await this.#together(part)
    const ranked = this.#known === null ? await this.#rank(part) : null
    this.#wanted = ranked?.map(keyOf) ?? this.#known!
    if (top === null && ranked !== null) this.#wanted = this.#wanted.toSorted(byIdOrName)
    if (step !== 'all') refuseManyEntries(part.starts.length, this.#wanted.length)
    if (group === 'banner') this.#names = await this.#snapshot.readNames(this.#wanted as number[])
    const rows = ranked !== null && step === 'all' ? ranked : await this.#readWanted(part)
    return this.#stats(part, ranked === null ? sumOf(rows) : allOf(ranked[0]), rows)
  }

  /** After `first`. */
  async compared(part: Part): Promise<RangeStats> {
    if (this.#question.group === 'none') return await this.#together(part)
    const rows = await this.#readWanted(part)
    if (this.#known !== null) return this.#stats(part, sumOf(rows), rows)
    const [all] = await this.#snapshot.readSums(this.#asked(part, { group: 'none' }), 1)
    return this.#stats(part, all ?? NO_CLICKS, rows)
  }

  /** The groups, where these do not depend on clicks. They have all that was chosen then. */
  get #known(): readonly number[] | null {
    const { choice, group, top } = this.#question
    return group === 'banner' && choice.kind === 'ids' && top === null ? choice.ids : null
  }

  async #together(part: Part): Promise<RangeStats> {
    const [row] = await this.#read(this.#asked(part), 1)
    return { ...this.#stats(part, row ?? NO_CLICKS, []), entries: this.#entries(part, row) }
  }

  async #rank(part: Part): Promise<RankedRow[]> {
    const rows = await this.#snapshot.readSums(this.#asked(part), this.#question.top ?? MAX_GROUPS + 1)
    if (rows.length > MAX_GROUPS) throw tooManyGroups()
    return rows
  }

  async #readWanted(part: Part): Promise<SumsRow[]> {
    if (this.#wanted.length === 0) return []
    const wanted: Partial<Asked> =
      this.#question.group === 'campaign'
        ? { campaigns: this.#wanted as (string | null)[] }
        : { choice: { kind: 'ids', ids: this.#wanted as number[] } }
    return await this.#read(this.#asked(part, wanted), MAX_GROUPS)
  }

  async #read(asked: Asked, limit: number): Promise<(SumsRow | StepsRow)[]> {
    if (this.#question.step === 'all') return await this.#snapshot.readSums(asked, limit)
    return await this.#snapshot.readSteps(asked)
  }

  #asked(part: Part, other: Partial<Asked> = {}): Asked {
    const { choice, group } = this.#question
    return { choice, group, campaigns: null, part, ...other }
  }

  #stats(part: Part, sums: Sums, rows: readonly SumsRow[]): RangeStats {
    const rowOf = new Map(rows.map(row => [keyOf(row), row]))
    const groups = this.#wanted.map((key): GroupStats => {
      const row = rowOf.get(key)
      const of =
        typeof key === 'number' ? { bannerId: key, name: this.#names.get(key) ?? null } : { campaign: key }
      return { of, ...sumsOf(row ?? NO_CLICKS), entries: this.#entries(part, row) }
    })
    return { range: part.range, sums: sumsOf(sums), entries: null, groups }
  }

  #entries({ starts }: Part, row: SumsRow | StepsRow | undefined): EntriesAgain {
    const { step, fill } = this.#question
    if (step === 'all') return null
    return () => unpacked(row as PackedEntries | undefined, starts, fill)
  }
}

function keyOf({ bannerId, campaign }: SumsRow): number | string | null {
  return bannerId ?? campaign
}

/** Ids by their number, names by their letters, and none at the end. */
function byIdOrName(one: Wanted[number], other: Wanted[number]): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  return one < other ? -1 : 1
}

function allOf(row: RankedRow | undefined): Sums {
  return row === undefined
    ? NO_CLICKS
    : { total: row.allTotal, bots: row.allBots, duplicates: row.allDuplicates }
}

function sumsOf({ total, bots, duplicates }: Sums): Sums {
  return { total, bots, duplicates }
}
