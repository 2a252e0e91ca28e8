import type { Logger } from 'pino'
import { databaseFailure } from '../../db/connection/failure.ts'
import type { Refused } from '../../db/history/alone.ts'
import type { HistoryState } from '../../db/history/history-state.ts'
import type { Dropped, Expired } from '../../db/history/retention.ts'
import { closedUntil } from '../../db/history/roll-up.ts'
import type { Conditions } from '../books/conditions.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { DatabaseServer } from '../config/config.ts'
import { CONTROL, DATABASE_UP } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { BacklogLog } from './backlog-log.ts'

const MINUTE_MS = 60_000
/** From then on, it is a condition. */
const BEHIND_MINUTES = 60

interface RollupsReportOptions {
  readonly database: DatabaseServer
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly conditions: Conditions
  readonly log: Logger
}

/** Tells operators how far the history is summed up and kept: on /health, and in the log. */
export class RollupsReport {
  readonly #options: RollupsReportOptions
  readonly #backlog: BacklogLog
  /** Nothing is expected to be summed up before a first look had the time for it. */
  #daysUntil = Date.now() / MINUTE_MS
  /** Why it stays behind, as a sentence; null: it is at it. */
  #cause: string | null = null

  constructor(options: RollupsReportOptions) {
    this.#options = options
    this.#backlog = new BacklogLog(options.log)
  }

  /** What a look has found, by Postgres' clock in minutes since the epoch. */
  looked({ quartersUntil, daysUntil, minutesFrom, quartersFrom }: HistoryState, nowMinute: number): void {
    const { books } = this.#options
    books.set('quartersUntilMs', quartersUntil * MINUTE_MS)
    books.set('daysUntilMs', daysUntil * MINUTE_MS)
    books.set('minutesFromMs', (minutesFrom ?? 0) * MINUTE_MS)
    books.set('quartersFromMs', (quartersFrom ?? 0) * MINUTE_MS)
    if (daysUntil !== this.#daysUntil) this.#cause = null
    this.#daysUntil = daysUntil
    this.#backlog.summedUp(daysUntil, closedUntil(nowMinute))
    this.#complain(nowMinute)
  }

  /** A step was not let in. */
  refused(why: Refused): void {
    this.#cause =
      why === 'busy'
        ? 'A step waits until nobody stores clicks, and finds no such moment: look in pg_stat_activity for a session that holds a lock or runs long, and end it.'
        : 'Another instance is at it.'
  }

  /** From now on, what came before its end is not kept in this form. */
  tookOff({ table, name, until }: Expired): void {
    const from = new Date(until * MINUTE_MS).toISOString()
    this.#options.log.info(`${table} are kept from ${from} on: ${name} goes`)
  }

  dropped({ name, bytes }: Dropped): void {
    this.#options.log.info({ bytes }, `dropped ${name}`)
  }

  /** A look has failed. While Postgres is away, others tell of that. */
  failed(error: unknown): void {
    const { memory, database } = this.#options
    const { message } = databaseFailure(error, database)
    this.#cause = message
    if (Atomics.load(memory.i32, CONTROL.databaseState) === DATABASE_UP)
      this.#complain(Date.now() / MINUTE_MS)
  }

  #complain(nowMinute: number): void {
    const { conditions } = this.#options
    if (closedUntil(nowMinute) - this.#daysUntil <= BEHIND_MINUTES) conditions.clear('rollups_behind')
    else
      conditions.raise(
        'rollups_behind',
        `Clicks are summed up more than an hour late, so questions over long ranges take longer; nothing is lost. ${this.#cause ?? 'It is being made up: history.daysThrough on /health tells how far.'}`,
      )
  }
}
