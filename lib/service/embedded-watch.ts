import type { Logger } from 'pino'
import type { EmbeddedPostgres } from '../../db/embedded/embedded.ts'
import type { Conditions } from '../books/conditions.ts'
import { Backoff } from '../flush/backoff.ts'

const CHECK_INTERVAL_MS = 1000

/**
 * Starts the embedded Postgres again when it has died. While that fails, as on a full disk, a condition says
 * so, and the pause between two tries grows up to 10 s.
 */
export class EmbeddedWatch {
  readonly #embedded: Pick<EmbeddedPostgres, 'isAlive' | 'restart'>
  readonly #conditions: Conditions
  readonly #log: Logger
  readonly #backoff = new Backoff()
  readonly #timer: NodeJS.Timeout
  #restarting: Promise<void> | null = null

  constructor(
    embedded: Pick<EmbeddedPostgres, 'isAlive' | 'restart'>,
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
    // Before the caller stops Postgres: a restart that is under way would start it again after that.
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
