import type pg from 'pg'
import type { BannerChoice, Group } from '../../lib/questions/question.ts'
import { type MinuteRange, startOf } from '../../lib/questions/time-range.ts'
import { arrayLiteral } from '../connection/array-literal.ts'
import { beginReading, commit, type Limits } from '../connection/transaction.ts'
import { type Final, type FinalRow, finalOf } from '../fleet/final-through.ts'
import { type HistoryState, readHistoryState } from '../history/history-state.ts'
import { KEEP_MONTHS } from '../history/locks.ts'
import { statements } from '../statements.ts'
import type { Digits, Sums } from './digits.ts'
import { type Entries, type PackedEntries, unpackedMinutes } from './entries.ts'
import { keptBy, parametersOfPieces } from './kept.ts'
import type { Part } from './part.ts'

/** Rows of one query. A thread holds at most two pages of an answer. */
const PAGE_ROWS = 2500
/** Rows of an export, one for each banner. A thread is busy with them for a millisecond. */
const ROWS_AT_ONCE = 500
/**
 * What the planner may not do, because without statistics, as after a bulk load, it would: sort all rows to sum them up,
 * or all the rest of a range for a page of it; read a whole month for a part of it; compile a query that takes less
 * time than that. Nor take the processors that clicks need. With more memory, sums of 100 000 banners need no disk.
 */
const SETTINGS = [
  'SET LOCAL enable_sort = off',
  'SET LOCAL enable_seqscan = off',
  'SET LOCAL jit = off',
  'SET LOCAL max_parallel_workers_per_gather = 0',
  "SET LOCAL work_mem = '64MB'",
]

/** What an answer is read by. */
export interface ReadState extends HistoryState {
  readonly final: Final
}

/** Which clicks are summed up, and by what. */
export interface Asked {
  readonly choice: BannerChoice
  readonly group: Group
  /** Of these campaigns alone; null: of all. */
  readonly campaigns: readonly (string | null)[] | null
  readonly part: Part
}

export interface SumsRow extends Sums {
  readonly bannerId: number | null
  readonly campaign: string | null
}

/** With the sums of all groups, also of those that are not among the rows. */
export interface RankedRow extends SumsRow {
  readonly allTotal: Digits
  readonly allBots: Digits
  readonly allDuplicates: Digits
}

export interface StepsRow extends SumsRow, PackedEntries {}

export interface MinutesPage {
  readonly entries: Entries
  /** The rest of the range; null after the last page. */
  readonly rest: MinuteRange | null
}

/** What one banner has in one step. Counts are digits. */
export interface StepRow {
  /** The number of the step, from 1. */
  readonly step: number
  readonly bannerId: number
  readonly clicks: string
  readonly bots: string
  readonly duplicates: string
}

/** How many banners are clicked in a day, and in a quarter of an hour of it. */
export interface Activity {
  readonly perDay: number
  readonly perQuarter: number
}

/** Days or hours, of UTC. */
export interface Grains extends MinuteRange {
  readonly grain: 'day' | 'hour'
}

/**
 * A pool's connection in a transaction. Whatever is written meanwhile, each query sees the same clicks: so the tables
 * hold what their watermarks say, and sums are those of the entries.
 */
export class Snapshot implements Disposable {
  readonly #client: pg.PoolClient
  #hasEnded = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async begin(limits: Limits): Promise<ReadState> {
    // How far all is final first: on Citus, each query has a snapshot of its own, and clicks that are stored between
    // the two may be in the answer before it says so, never the other way round.
    const more = [...SETTINGS, KEEP_MONTHS, statements.finalThrough]
    const rows = await beginReading(this.#client, limits, more)
    return { ...(await readHistoryState(this.#client)), final: finalOf(rows as FinalRow[]) }
  }

  async end(): Promise<void> {
    await commit(this.#client)
    this.#hasEnded = true
  }

  /** After an error, or when the client has gone, the connection's state is unknown: the pool closes it. */
  [Symbol.dispose](): void {
    this.#client.release(!this.#hasEnded)
  }

  async readMinutes(bannerId: number, { from, to }: MinuteRange): Promise<MinutesPage> {
    const [page] = await this.#query<PackedEntries & { rows: number; last: string }>(
      statements.clicksByMinute,
      [bannerId, startOf(from), startOf(to), PAGE_ROWS],
    )
    const { rows, last, ...packed } = page!
    return {
      entries: unpackedMinutes(packed),
      rest: rows < PAGE_ROWS ? null : { from: Number(last) + 1, to },
    }
  }

  /** The groups with the most valid clicks. */
  async readSums(asked: Asked, limit: number): Promise<RankedRow[]> {
    // Whatever is moved from one step to another: the sums have it.
    const statement = keptBy(asked.part.cuts, []) + statements.sumsByGroup
    return await this.#query(statement, [...parametersOf(asked), limit])
  }

  /** All groups, in no order. */
  async readSteps(asked: Asked): Promise<StepsRow[]> {
    const { starts, cuts } = asked.part
    const moved = cuts.moved.length === 0 ? [] : parametersOfPieces(cuts.moved)
    return await this.#query(keptBy(cuts, cuts.moved) + statements.clicksByStep, [
      ...[...parametersOf(asked), arrayLiteral(starts), ...moved],
    ])
  }

  /**
   * From now on, Postgres may read all days at once. For questions that read nothing else, of all banners: when they are
   * about most of what there is, they take a fifth less.
   */
  async planDays(): Promise<void> {
    await this.#query(statements.planDays, [])
  }

  async readNames(bannerIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const rows = await this.#query<{ id: number; name: string }>(statements.bannerNames, [
      arrayLiteral(bannerIds),
    ])
    return new Map(rows.map(({ id, name }) => [id, name]))
  }

  /** Ascending; of so many banners at most. */
  async readChosen(choice: BannerChoice, limit: number): Promise<number[]> {
    const rows = await this.#query<{ id: number }>(statements.chosenBanners, [...filterOf(choice), limit])
    return rows.map(({ id }) => id).toSorted((one, other) => one - other)
  }

  /** Then nextRows reads what all banners have in each step of this part, behind the step with that number and the banner. */
  async beginRows({ cuts, starts }: Part, after: { nth: number; bannerId: number }): Promise<void> {
    const pieces = [cuts.days, cuts.quarters, cuts.minutes].flatMap(parametersOfPieces)
    await this.#query(
      `DECLARE export_rows NO SCROLL CURSOR FOR ${keptBy(cuts, [])}${statements.exportRows}`,
      [...[null, ...pieces, arrayLiteral(starts), after.nth, after.bannerId]],
    )
  }

  /** Ascending by step, then by banner. None: there are no more. */
  async nextRows(): Promise<StepRow[]> {
    return await this.#query(`FETCH ${ROWS_AT_ONCE} FROM export_rows`, [])
  }

  /** Of a day, which is given by its first minute. `limit` rows are counted at most. */
  async readActivity(day: number, limit: number): Promise<Activity> {
    const quarters = [0, 6, 12, 18].map(hour => startOf(day + hour * 60))
    const [row] = await this.#query<Activity>(statements.activity, [startOf(day), quarters, limit])
    return row!
  }

  /** One of what was imported by these days and hours, of banners chosen. `startsAt` is in minutes since the epoch. */
  async findImported(
    choice: BannerChoice,
    pieces: readonly Grains[],
  ): Promise<{ bannerId: number; grain: string; startsAt: number } | null> {
    const found = await this.#query<{ bannerId: number; grain: string; startsAt: number }>(
      statements.importedWithin,
      [
        ...[idsOf(choice), ...filterOf(choice), `{${pieces.map(({ grain }) => grain).join()}}`],
        ...[arrayLiteral(pieces.map(({ from }) => from)), arrayLiteral(pieces.map(({ to }) => to))],
      ],
    )
    return found[0] ?? null
  }

  async #query<Row extends object>(statement: string, values: unknown[]): Promise<Row[]> {
    return (await this.#client.query<Row>(statement, values)).rows
  }
}

/** Those of kept.sql and counted.sql. */
function parametersOf({ choice, group, campaigns, part: { cuts } }: Asked): unknown[] {
  const pieces = [cuts.days, cuts.quarters, cuts.minutes].flatMap(parametersOfPieces)
  // A campaign's name is not empty.
  return [idsOf(choice), ...pieces, ...filterOf(choice), campaigns?.map(name => name ?? '') ?? null, group]
}

function idsOf(choice: BannerChoice): string | null {
  return choice.kind === 'ids' ? arrayLiteral(choice.ids) : null
}

/** Campaign and label. */
function filterOf(choice: BannerChoice): [string | null, string | null] {
  return [choice.kind === 'campaign' ? choice.campaign : null, choice.kind === 'label' ? choice.label : null]
}
