import type pg from 'pg'
import type { Fleet } from '../../db/fleet/fleet.ts'
import { readFleet } from '../../db/fleet/read-fleet.ts'
import { deletePastInstances, type Heartbeat as Row, writeInstance } from '../../db/fleet/write-instance.ts'
import type { Stand } from '../flush/standing.ts'
import { LATEST_ADD_MS } from '../ring/generations.ts'
import type { WatchConnection } from '../watch/watch-connection.ts'

/** Who says nothing for LOST_SECONDS is lost. */
const INTERVAL_MS = 2000
/** Flushes may follow each other closely. The row need not. */
const LEAST_PAUSE_MS = 200
/** So often this instance looks at the others. */
const LOOK_INTERVAL_MS = 5000
/** A stop waits for the last heartbeat no longer than this. */
const LAST_MS = 1000

export interface HeartbeatOptions {
  readonly connection: Pick<WatchConnection, 'use'>
  readonly instance: Pick<Row, 'writer' | 'name' | 'version' | 'startedAtMs'>
  /** How far this instance's clicks are in Postgres; null: no database was met yet. */
  readonly stand: () => Stand | null
  readonly report: {
    looked(fleet: Fleet): void
    failed(error: unknown): void
  }
  readonly intervalMs?: number
}

/**
 * Keeps this instance's row among the instances up to date: after each flush, and every 2 s. It has nothing to do with
 * the connection of flushes, and waits for none of them. A heartbeat that fails is followed by the next one, which makes
 * the row again when it has gone.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #hasRow = Promise.withResolvers<void>()
  #state: Row['state'] = 'serving'
  /** The row said that the writer had ended. */
  #isRevived = false
  #beating: Promise<void> | null = null
  #isWanted = false
  #beganMs = Number.NEGATIVE_INFINITY
  #lookedMs = Number.NEGATIVE_INFINITY
  #isStopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** Resolves when the row was first committed. */
  get hasRow(): Promise<void> {
    return this.#hasRow.promise
  }

  start(): void {
    this.#next(0)
  }

  /** Postgres has taken something: the row is to say so. */
  hurry(): void {
    if (this.#beating !== null) this.#isWanted = true
    else this.#next(Math.max(0, this.#beganMs + LEAST_PAUSE_MS - performance.now()))
  }

  /** The instance stops before long. */
  drain(): void {
    this.#state = 'draining'
    this.hurry()
  }

  /**
   * The last heartbeat, when no click is accepted any more. `isAllStored`: no click is left that somebody might wait
   * for. Otherwise the row stays as it is, and the instance is lost before long.
   */
  async stop(isAllStored: boolean): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    if (isAllStored) this.#state = 'stopped'
    const last = (this.#beating ?? Promise.resolve()).then(() => this.#beat())
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, LAST_MS)
    await Promise.race([last, late])
    clearTimeout(timer)
  }

  #next(pauseMs: number): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#run(), pauseMs)
  }

  async #run(): Promise<void> {
    const { intervalMs = INTERVAL_MS } = this.#options
    this.#beating = this.#beat()
    await this.#beating
    this.#beating = null
    this.#next(this.#isWanted ? LEAST_PAUSE_MS : intervalMs)
    this.#isWanted = false
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    const { connection, report } = this.#options
    this.#beganMs = performance.now()
    try {
      await connection.use(client => this.#write(client))
    } catch (error) {
      report.failed(error)
    }
  }

  async #write(client: pg.Client): Promise<void> {
    const { instance, stand, report } = this.#options
    // Now, and not when it was this heartbeat's turn: others may have had the connection for seconds.
    const found = stand()
    if (found === null) return
    const { finalThroughMs, pending } = found
    const row: Row = {
      ...instance,
      state: this.#state,
      pending,
      pendingSinceMs: pending === 0 ? null : finalThroughMs + LATEST_ADD_MS,
      finalThroughMs,
    }
    const outcome = await writeInstance(client, row, found, this.#isRevived)
    this.#isRevived = outcome === 'stopped'
    if (outcome !== 'written') return
    this.#hasRow.resolve()
    if (performance.now() - this.#lookedMs < LOOK_INTERVAL_MS) return
    this.#lookedMs = performance.now()
    await deletePastInstances(client)
    report.looked(await readFleet(client))
  }
}
