import type pg from 'pg'
import type { BannerChoice, Group } from '../../lib/questions/question.ts'
import type { MinuteRange } from '../../lib/questions/time-range.ts'
import { beginReading, commit, type Limits } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import type { Digits, Sums } from './digits.ts'
import type { Entries, PackedEntries } from './entries.ts'

/** Rows of one query: 1 to 2 ms of the thread's time. A thread holds at most two pages of an answer. */
const PAGE_ROWS = 2500
const MINUTE_MS = 60_000
/**
 * Makes Postgres read a page from the key's index, in its order. Without table statistics, as after a bulk
 * load, Postgres may otherwise fetch and sort all the rest of the range for each page.
 */
export const BY_INDEX = 'enable_sort = off'

/** What is read at once: the sums of groups of banners and, where they are wanted, their entries. */
export interface StepsAsked {
  readonly choice: BannerChoice
  readonly group: Group
  /** Of these campaigns alone; null: of all. */
  readonly campaigns: readonly (string | null)[] | null
  readonly range: MinuteRange
  readonly starts: readonly number[]
  readonly hasEntries: boolean
  /** Groups at most, of those with the most valid clicks. */
  readonly limit: number
}

export interface StepsRow extends Sums, PackedEntries {
  readonly bannerId: number | null
  readonly campaign: string | null
  readonly allTotal: Digits
  readonly allBots: Digits
  readonly allDuplicates: Digits
}

export interface MinutesPage extends Entries {
  /** The rest of the range; null after the last page. */
  readonly rest: MinuteRange | null
}

/**
 * A pool's connection in a transaction. Whatever is written meanwhile, each query sees the same clicks, and sums are
 * those of the entries.
 */
export class Snapshot implements Disposable {
  readonly #client: pg.PoolClient
  #hasEnded = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async begin(limits: Limits, settings: readonly string[] = []): Promise<void> {
    await beginReading(this.#client, limits, settings)
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
    const { rows } = await this.#client.query<
      Record<'minutes' | 'clicks' | 'bots' | 'duplicates', string | null>
    >(statements.clicksByMinute, [bannerId, dateOf(from), dateOf(to), PAGE_ROWS])
    const { minutes, clicks, bots, duplicates } = rows[0]!
    const starts = digitsIn(minutes).map(Number)
    const rest = starts.length < PAGE_ROWS ? null : { from: starts.at(-1)! + 1, to }
    return { starts, totals: digitsIn(clicks), bots: digitsIn(bots), duplicates: digitsIn(duplicates), rest }
  }

  async readSteps({
    choice,
    group,
    campaigns,
    range,
    starts,
    hasEntries,
    limit,
  }: StepsAsked): Promise<StepsRow[]> {
    const pieces = [range]
    const { rows } = await this.#client.query<StepsRow>(statements.clicksByStep, [
      choice.kind === 'ids' ? arrayOf(choice.ids) : null,
      choice.kind === 'campaign' ? choice.campaign : null,
      choice.kind === 'label' ? choice.label : null,
      // A campaign's name is not empty.
      campaigns?.map(campaign => campaign ?? '') ?? null,
      ...[group, arrayOf(starts), hasEntries, limit],
      ...[arrayOf(pieces.map(({ from }) => from)), arrayOf(pieces.map(({ to }) => to))],
      ...[dateOf(range.from), dateOf(range.to)],
    ])
    return rows
  }

  async readNames(bannerIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const { rows } = await this.#client.query<{ id: number; name: string }>(statements.bannerNames, [
      arrayOf(bannerIds),
    ])
    return new Map(rows.map(({ id, name }) => [id, name]))
  }
}

/** Postgres' text of an array of numbers. The driver would look at each number for a while. */
function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join()}}`
}

function digitsIn(list: string | null): Digits[] {
  return list?.split(',') ?? []
}

function dateOf(minute: number): Date {
  return new Date(minute * MINUTE_MS)
}
