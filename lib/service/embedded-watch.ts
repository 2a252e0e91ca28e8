import type { Logger } from 'pino'
import type { EmbeddedPostgres } from '../../db/embedded/embedded.ts'
import type { Conditions } from '../books/conditions.ts'
import { Backoff } from '../flush/backoff.ts'

const CHECK_INTERVAL_MS = 1000

/**
 * The embedded Postgres has nobody else to start it again. One that cannot be, on a full disk for example, is tried
 * again ever more rarely, up to 10 s apart, and told as a condition.
 */
export class EmbeddedWatch {
  readonly #embedded: EmbeddedPostgres
  readonly #conditions: Conditions
  readonly #log: Logger
  readonly #backoff = new Backoff()
  readonly #timer: NodeJS.Timeout
  #restarting: Promise<void> | null = null

  constructor(
    embedded: EmbeddedPostgres,
    conditions: Conditions,
    log: Logger,
    checkIntervalMs = CHECK_INTERVAL_MS,
  ) {
    this.#embedded = embedded
    this.#conditions = conditions
    this.#log = log
    this.#timer = setInterval(() => this.#check(), checkIntervalMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#backoff.reset()
    // One that is just being started could not be stopped.
    await this.#restarting
  }

  #check(): void {
    if (this.#restarting !== null || !this.#backoff.isOver || this.#embedded.isAlive()) return
    this.#restarting = this.#restart().finally(() => {
      this.#restarting = null
    })
  }

  async #restart(): Promise<void> {
    try {
      await this.#embedded.restart()
      this.#backoff.reset()
      this.#conditions.clear('embedded_postgres_down')
      this.#log.warn('the embedded Postgres had died and was started again')
    } catch (error) {
      this.#conditions.raise('embedded_postgres_down', (error as Error).message)
      this.#backoff.fail(() => {})
    }
  }
}
