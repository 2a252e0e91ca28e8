import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { type HistoryState, readHistoryState, readMinute } from '../../db/history/history-state.ts'
import { ensureMonths, MONTHLY_TABLES, monthAfter, monthOf } from '../../db/history/months.ts'
import { removeOldBulkKeys } from '../../db/history/old-bulk-keys.ts'
import { dropTakenOff, findExpired, takeOff } from '../../db/history/retention.ts'
import { nextRange, type RollUpKind, rollUp } from '../../db/history/roll-up.ts'
import { StepSize } from '../../db/history/step-size.ts'
import { summarizeMonth } from '../../db/history/summarize.ts'
import type { DatabaseServer, Retention } from '../config/config.ts'
import type { RollupsReport } from './rollups-report.ts'

const LOOK_INTERVAL_MS = 60_000
/** Flushes rarely are at it again so long after one has not let a step in. */
const BUSY_RETRY_MS = 1000
const FAILURE_RETRY_MS = 10_000
/** Flushes are held back for so long by each step. */
const STEP_AIM_MS = 100
/** How long a step waits for flushes, while others wait behind it. */
const WAIT_MS = 200
/**
 * When flushes have let no step in for so long, it waits for longer than they take, unless they are very large. All that
 * come meanwhile wait behind it, so it gets its turn, however many instances there are.
 */
const PATIENCE_MS = 600_000
const PATIENT_WAIT_MS = 3000
/** A stop waits for the running step this long. What is cut off is undone, and done by whoever looks next. */
const STOP_MS = 2000
const MONTHS_AHEAD = 2
/** Operators know a service by the names of its connections, see db/sql/service-connections.sql. */
const CONNECTION_NAME = 'clickcounter rollups'
/** More than a step may take. */
const LIMITS = { ...SERVICE_LIMITS, queryMs: 65_000 }

interface RollupsOptions {
  readonly database: DatabaseServer
  readonly retention: Retention
  /** For how many days keys of bulks are known. */
  readonly idempotencyKeyDays: number
  readonly report: Pick<RollupsReport, 'looked' | 'busy' | 'tookOff' | 'keptOut' | 'dropped' | 'failed'>
  readonly lookIntervalMs?: number
  readonly patienceMs?: number
}

/**
 * Main's part in the history: looks once a minute for what is to be summed up, and for what is kept no longer. All
 * instances do; in Postgres they take turns. The connection is made for each look.
 */
export class Rollups {
  readonly #options: RollupsOptions
  readonly #sizes: Readonly<Record<RollUpKind, StepSize>> = {
    quarters: new StepSize(STEP_AIM_MS),
    days: new StepSize(STEP_AIM_MS),
  }
  readonly #stopping = new AbortController()
  /** The month in which months were last made ahead; null: none were. */
  #madeMonth: number | null = null
  /** The months that this look has summarized what steps of each kind read of; null: none. */
  #summarized: Record<RollUpKind, number | null> = { quarters: null, days: null }
  /** When the first one of the last steps was not let in; null: the last one was. */
  #busySinceMs: number | null = null
  #client: pg.Client | null = null
  #looking: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(options: RollupsOptions) {
    this.#options = options
  }

  /** Begins to look once the tables were tried: earlier, a look would find none on a first start. */
  async start(tablesTried: Promise<void>): Promise<void> {
    await tablesTried
    if (!this.#stopping.signal.aborted) this.#looking = this.#look()
  }

  /** Resolves when the running step has ended, or is cut off. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    if (this.#client === null) return
    await Promise.race([this.#looking, delay(STOP_MS, undefined, { ref: false })])
    if (this.#client !== null) discard(this.#client)
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { signal } = this.#stopping
    const pauseMs = await this.#tryToWork()
    if (this.#client !== null) discard(this.#client)
    this.#client = null
    // At random: instances do not all look at once, and a retry does not meet the same flush again and again.
    const randomMs = pauseMs * (0.5 + Math.random())
    if (!signal.aborted) this.#timer = setTimeout(() => (this.#looking = this.#look()), randomMs)
  }

  /** Resolves with how long to wait before the next look. */
  async #tryToWork(): Promise<number> {
    const { database, report, lookIntervalMs = LOOK_INTERVAL_MS } = this.#options
    try {
      const client = await connect(database, CONNECTION_NAME, LIMITS)
      this.#client = client
      return (await this.#work(client)) ? lookIntervalMs : BUSY_RETRY_MS
    } catch (error) {
      if (!this.#stopping.signal.aborted) report.failed(error)
      return FAILURE_RETRY_MS
    }
  }

  /**
   * Resolves with whether there is time until the next look.
   *
   * 1. What is to be summed up. The others may fail for want of a right that this does not need.
   * 2. Months ahead. A flush that had to make one would take longer.
   * 3. What is kept no longer: it must be summed up first.
   * 4. Keys of bulks that are known no longer: nobody waits for their room.
   */
  async #work(client: pg.Client): Promise<boolean> {
    if (!(await this.#sumUp(client))) return false
    await this.#makeMonths(client)
    if (!(await this.#drop(client))) return false
    return await this.#removeKeys(client)
  }

  async #removeKeys(client: pg.Client): Promise<boolean> {
    for (;;) {
      const startedAtMs = performance.now()
      if (!(await removeOldBulkKeys(client, this.#options.idempotencyKeyDays))) return true
      if (this.#stopping.signal.aborted) return false
      // As after a step of the sums.
      await this.#pause(performance.now() - startedAtMs)
    }
  }

  async #makeMonths(client: pg.Client): Promise<void> {
    const months = [monthOf(await readMinute(client))]
    if (months[0] === this.#madeMonth) return
    while (months.length <= MONTHS_AHEAD) months.push(monthAfter(months.at(-1)!))
    for (const table of MONTHLY_TABLES) await ensureMonths(client, table, months)
    this.#madeMonth = months[0]!
  }

  /** Steps of both kinds by turns: days never fall far behind quarters. */
  async #sumUp(client: pg.Client): Promise<boolean> {
    const { report } = this.#options
    this.#summarized = { quarters: null, days: null }
    for (let kind: RollUpKind = 'quarters'; ; kind = kind === 'quarters' ? 'days' : 'quarters') {
      if (this.#stopping.signal.aborted) return false
      const nowMinute = await readMinute(client)
      const state = await readHistoryState(client)
      report.looked(state, nowMinute)
      if (!isDue('quarters', state, nowMinute) && !isDue('days', state, nowMinute)) return true
      if (!isDue(kind, state, nowMinute)) continue
      await this.#summarize(client, kind, state)
      const startedAtMs = performance.now()
      const outcome = await rollUp(client, kind, { size: this.#sizes[kind], waitMs: this.#waitMs, nowMinute })
      if (outcome === 'busy') report.busy(nowMinute)
      // Whoever is at it goes on.
      if (outcome === 'another job') return true
      this.#busySinceMs = outcome === 'busy' ? (this.#busySinceMs ?? startedAtMs) : null
      if (outcome === 'busy') return false
      // As long as the step was: clicks and flushes have half of the time to themselves at least.
      await this.#pause(performance.now() - startedAtMs)
    }
  }

  /** Once a look for each month that it comes to. */
  async #summarize(client: pg.Client, kind: RollUpKind, state: HistoryState): Promise<void> {
    const { from } = nextRange(kind, state, 0, 1)
    if (this.#summarized[kind] === monthOf(from)) return
    await summarizeMonth(client, kind === 'quarters' ? 'minutes' : 'quarters', from)
    this.#summarized[kind] = monthOf(from)
  }

  get #waitMs(): number {
    const { patienceMs = PATIENCE_MS } = this.#options
    const isPatient = this.#busySinceMs !== null && performance.now() - this.#busySinceMs > patienceMs
    return isPatient ? PATIENT_WAIT_MS : WAIT_MS
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }

  async #drop(client: pg.Client): Promise<boolean> {
    const { report, retention } = this.#options
    for (;;) {
      report.dropped(await dropTakenOff(client))
      if (this.#stopping.signal.aborted) return false
      const nowMinute = await readMinute(client)
      const expired = await findExpired(client, retention, nowMinute)
      if (expired === null) return true
      const outcome = await takeOff(client, expired)
      // A reader may take long. There is no hurry: a flush that waits behind this is worse.
      if (outcome === 'busy' || outcome === 'another job') {
        report.keptOut(expired, nowMinute)
        return true
      }
      if (outcome === 'done') report.tookOff(expired)
    }
  }
}

function isDue(kind: RollUpKind, state: HistoryState, nowMinute: number): boolean {
  const { from, until } = nextRange(kind, state, nowMinute, 1)
  return until > from
}
