import type { Logger } from 'pino'
import { databaseFailure } from '../../db/connection/failure.ts'
import type { HistoryState } from '../../db/history/history-state.ts'
import type { Drops, Expired } from '../../db/history/retention.ts'
import { closedUntil } from '../../db/history/roll-up.ts'
import { throttled } from '../base/throttled.ts'
import type { Conditions } from '../books/conditions.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { DatabaseServer } from '../config/config.ts'
import { CONTROL, DATABASE_UP } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { BacklogLog } from './backlog-log.ts'

const MINUTE_MS = 60_000
/** From then on, it is a condition. */
const BEHIND_MINUTES = 60
/** A part that could not be taken off for so long is told of. Long readers, such as backups, end before. */
const KEPT_OUT_MINUTES = 1440
/** What only operators can change is told again after so long. */
const REMIND_MS = 3_600_000
const CATCHING_UP =
  'After an upgrade or an outage it is being made up. If history.daysThrough on /health stands still, the log says why.'

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
  readonly #warn: ReturnType<typeof throttled<[]>>
  readonly #remind: ReturnType<typeof throttled<[]>>
  /** Nothing is expected to be summed up before a first look had the time for it. */
  #daysUntil = Date.now() / MINUTE_MS
  /** Why the last look failed, as a sentence; null: it did not. */
  #failure: string | null = null
  /** The part that could not be taken off, and since when; null: none was. */
  #keptOut: { readonly name: string; readonly sinceMinute: number } | null = null

  constructor(options: RollupsReportOptions) {
    this.#options = options
    this.#backlog = new BacklogLog(options.log)
    const warn = (what: string, error: Error) => options.log.warn({ reason: error.message }, what)
    this.#warn = throttled(warn)
    this.#remind = throttled(warn, REMIND_MS)
  }

  /** What a look has found, by Postgres' clock in minutes since the epoch. */
  looked({ quartersUntil, daysUntil, minutesFrom, quartersFrom }: HistoryState, nowMinute: number): void {
    const { books } = this.#options
    books.set('quartersUntilMs', quartersUntil * MINUTE_MS)
    books.set('daysUntilMs', daysUntil * MINUTE_MS)
    books.set('minutesFromMs', (minutesFrom ?? 0) * MINUTE_MS)
    books.set('quartersFromMs', (quartersFrom ?? 0) * MINUTE_MS)
    this.#daysUntil = daysUntil
    this.#failure = null
    this.#backlog.summedUp(daysUntil, closedUntil(nowMinute))
    this.#complain(nowMinute)
  }

  /** A step was not let in: nothing to talk of, unless they are behind. */
  busy(nowMinute: number): void {
    if (!this.#isBehind(nowMinute)) return
    const why = new Error('somebody stores clicks, or holds a lock, all the time: see pg_stat_activity')
    this.#warn('no step of the roll-ups was let in, and it is tried again', why)
  }

  /** From now on, what came before its end is not kept in this form. */
  tookOff({ table, name, until }: Expired): void {
    const from = new Date(until * MINUTE_MS).toISOString()
    this.#options.log.info(`${table} are kept from ${from} on: ${name} goes`)
  }

  /** A part could not be taken off, and is tried again: nothing to talk of, unless that goes on. */
  keptOut({ name }: Expired, nowMinute: number): void {
    if (this.#keptOut?.name !== name) this.#keptOut = { name, sinceMinute: nowMinute }
    if (nowMinute - this.#keptOut.sinceMinute < KEPT_OUT_MINUTES) return
    const why = new Error(
      'somebody reads it, stores clicks or sums them up whenever it is tried: see pg_stat_activity for a session that holds a lock',
    )
    this.#remind(`${name} is to be kept no longer, and could not be taken off for a day`, why)
  }

  dropped({ dropped, refused }: Drops): void {
    for (const { name, bytes } of dropped) this.#options.log.info({ bytes }, `dropped ${name}`)
    for (const { table, error } of refused) {
      const why = error.detail === undefined ? error.message : `${error.message} (${error.detail})`
      this.#remind(
        `${table.name} is kept no longer, and could not be dropped: drop it, with what depends on it, as its owner, or keep it under another name`,
        new Error(why),
      )
    }
  }

  /** A look has failed. While Postgres is away, others tell of that. */
  failed(error: unknown): void {
    const { memory, database } = this.#options
    const { message } = databaseFailure(error, database)
    this.#failure = message
    if (Atomics.load(memory.i32, CONTROL.databaseState) !== DATABASE_UP) return
    this.#warn('the roll-ups failed, and are tried again', new Error(message))
    this.#complain(Date.now() / MINUTE_MS)
  }

  #isBehind(nowMinute: number): boolean {
    return closedUntil(nowMinute) - this.#daysUntil > BEHIND_MINUTES
  }

  #complain(nowMinute: number): void {
    const { conditions } = this.#options
    if (!this.#isBehind(nowMinute)) conditions.clear('rollups_behind')
    else
      conditions.raise(
        'rollups_behind',
        `Clicks are summed up more than an hour late, so questions over long ranges take longer; nothing is lost. ${this.#failure ?? CATCHING_UP}`,
      )
  }
}
