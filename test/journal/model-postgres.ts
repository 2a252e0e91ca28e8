import type pg from 'pg'
import { IS_ON_CITUS } from '../../db/connection/citus.ts'
import type { HistoryState } from '../../db/history/history-state.ts'
import { statements } from '../../db/statements.ts'
import {
  BOT,
  type ByClass,
  byClass,
  CLICK_CLASSES,
  type ClickClass,
  DUPLICATE,
  grossOf,
  NO_CLICKS,
  plus,
  VALID,
} from '../../lib/rows/classes.ts'

/** No click is late, and nothing was dropped. */
const NOTHING_SUMMED_UP: HistoryState = {
  quartersUntil: 0,
  daysUntil: 0,
  minutesFrom: null,
  quartersFrom: null,
}

/** What becomes of a COMMIT: of its transaction, its answer, and its sender. */
export const COMMITS = [
  'done',
  'refused',
  'done, answer lost',
  'refused, worker dies',
  'done, worker dies',
  'refused, process dies',
  'done, process dies',
] as const
export type Commit = (typeof COMMITS)[number]

export class WorkerDeath extends Error {}

interface LedgerRow {
  readonly generation: number
  readonly previous: number | null
  readonly clicks: ByClass<number>
  readonly isEnded: boolean
}

interface Tables {
  readonly ledger: Map<string, LedgerRow>
  /** By class, then banner. */
  readonly clicks: ByClass<Map<number, number>>
}

/** A database on several servers whose histories differ. The connection leads to one of them. */
interface Database {
  readonly id: string
  /** All states of each server, one after the other. */
  readonly histories: Tables[][]
  server: number
}

/** The tables of Postgres and the statements of a flush, in memory. */
export class ModelPostgres {
  readonly #kill: () => void
  readonly #commits: Commit[] = []
  #gate: PromiseWithResolvers<void> | null = null
  readonly #databases: readonly Database[] = ['a', 'b'].map(letter => ({
    id: `${letter.repeat(8)}-0000-4000-8000-000000000000`,
    histories: [[{ ledger: new Map(), clicks: byClass(() => new Map()) }]],
    server: 0,
  }))
  #current = 0
  /** null: there is no transaction, or the server has forgotten it. */
  #open: Tables | null = null

  constructor(kill: () => void) {
    this.#kill = kill
  }

  get #stored(): Tables {
    return historyOf(this.#databases[this.#current]!).at(-1)!
  }

  /** In the present database. */
  hasEnded(writer: string): boolean {
    return this.#stored.ledger.get(writer)?.isEnded ?? false
  }

  /** Of the database that the connection leads to. */
  get id(): string {
    return this.#databases[this.#current]!.id
  }

  /** The clicks of a writer, as the present ledger says. */
  ledgerClicks(writer: string): ByClass<number> {
    return this.#stored.ledger.get(writer)?.clicks ?? NO_CLICKS
  }

  /** Whether a server has ever lacked commits. */
  get hasGoneBack(): boolean {
    return this.#databases.some(({ histories }) => histories.length > 1)
  }

  /** Of both databases together. */
  clicksOf(bannerId: number, clickClass: ClickClass = VALID): number {
    return this.#databases.reduce(
      (sum, database) => sum + (historyOf(database).at(-1)!.clicks[clickClass].get(bannerId) ?? 0),
      0,
    )
  }

  /** What becomes of the next COMMITs. All later ones are done. */
  plan(commits: readonly Commit[]): void {
    this.#commits.splice(0, this.#commits.length, ...commits)
  }

  /** From here on nothing is answered until `goOn`. */
  hang(): void {
    this.#gate ??= Promise.withResolvers()
  }

  goOn(): void {
    this.#gate?.resolve()
    this.#gate = null
  }

  /** Another server takes over. It lacks so many commits. */
  goBack(commits: number): void {
    const database = this.#databases[this.#current]!
    const history = historyOf(database)
    database.server = database.histories.push(history.slice(0, Math.max(1, history.length - commits))) - 1
    this.#open = null
  }

  /** One of the earlier servers takes over. */
  failOver(to: number): void {
    const database = this.#databases[this.#current]!
    database.server = to % database.histories.length
    this.#open = null
  }

  /** The connection leads to this one from now on. */
  lead(to: number): void {
    this.#current = to
    this.#open = null
  }

  readonly client = {
    query: async (text: string, values: unknown[] = []) => {
      await this.#gate?.promise
      return this.#query(text, values)
    },
  } as unknown as pg.Client

  #query(text: string, values: unknown[]) {
    switch (text.startsWith('BEGIN') ? 'BEGIN' : text) {
      case 'BEGIN':
        this.#open = {
          ledger: new Map(this.#stored.ledger),
          clicks: byClass(clickClass => new Map(this.#stored.clicks[clickClass])),
        }
        return {}
      case IS_ON_CITUS:
        return { rows: [{ isOnCitus: false }] }
      case statements.historyState:
        return { rows: [{ database: this.id, ...NOTHING_SUMMED_UP }] }
      case statements.ledgerStands:
        return { rows: this.#standsOf(values[0] as string[]) }
      case statements.advanceLedger:
        return { rows: this.#advance(values as [string, number, Date, number, number, number]) }
      case statements.addClicks:
        return this.#add(values as string[])
      case statements.endWriter:
        return this.#end(values[0] as string)
      case statements.stopInstance:
      case statements.deleteEndedWriters:
        return {}
      case 'COMMIT':
        return this.#commit()
      case 'ROLLBACK':
        this.#open = null
        return {}
      default:
        throw new Error(`a statement that the model does not know: ${text}`)
    }
  }

  get #transaction(): Tables {
    if (this.#open === null) throw new Error('the server has gone away')
    return this.#open
  }

  #standsOf(writers: readonly string[]) {
    const { ledger } = this.#open ?? this.#stored
    return writers.flatMap(writer => {
      const row = ledger.get(writer)
      return row === undefined ? [] : [{ writer, generation: row.generation, ...sumsOf(row) }]
    })
  }

  #advance([writer, generation, , gross, bots, duplicates]: [string, number, Date, number, number, number]) {
    const { ledger } = this.#transaction
    const row = ledger.get(writer)
    if (row !== undefined && row.generation >= generation) return []
    const moved = {
      generation,
      previous: row?.generation ?? null,
      clicks: plus(row?.clicks ?? NO_CLICKS, [gross - bots - duplicates, bots, duplicates]),
      isEnded: false,
    }
    ledger.set(writer, moved)
    return [{ previous_generation: moved.previous, ...sumsOf(moved) }]
  }

  #add([bannerIds, , ...columns]: string[]) {
    const ids = numbersOf(bannerIds!)
    for (const clickClass of CLICK_CLASSES) {
      const counts = numbersOf(columns[clickClass]!)
      const sums = this.#transaction.clicks[clickClass]
      ids.forEach((id, row) => void sums.set(id, (sums.get(id) ?? 0) + counts[row]!))
    }
    return {}
  }

  #end(writer: string) {
    const { ledger } = this.#transaction
    const row = ledger.get(writer)
    if (row !== undefined) ledger.set(writer, { ...row, isEnded: true })
    return {}
  }

  #commit() {
    const commit = this.#commits.shift() ?? 'done'
    if (commit.startsWith('done')) historyOf(this.#databases[this.#current]!).push(this.#transaction)
    this.#open = null
    if (commit === 'done') return { command: 'COMMIT' }
    if (commit.endsWith('worker dies')) throw new WorkerDeath()
    if (commit.endsWith('process dies')) this.#kill()
    throw new Error(commit)
  }
}

function historyOf({ histories, server }: Database): Tables[] {
  return histories[server]!
}

/** The numbers of an array in Postgres's text form. */
function numbersOf(literal: string): number[] {
  return JSON.parse(`[${literal.slice(1, -1)}]`)
}

function sumsOf({ clicks }: LedgerRow) {
  return { clicks: grossOf(clicks), bots: clicks[BOT], duplicates: clicks[DUPLICATE] }
}
