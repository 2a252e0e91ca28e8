import type { Logger } from 'pino'
import type { EmbeddedPostgres } from '../../db/embedded/embedded.ts'
import type { Conditions } from '../books/conditions.ts'
import { Backoff } from '../flush/backoff.ts'

const CHECK_INTERVAL_MS = 1000

/**
 * Brings up the embedded Postgres, at the start and again when it has died. While that fails, as on a full disk, a
 * condition says so, and the pause between two tries grows up to 10 s.
 */
export class EmbeddedWatch {
  /** Resolves when Postgres is up, or did not come up at the first try. */
  readonly firstAttempt: Promise<void>
  readonly #embedded: Pick<EmbeddedPostgres, 'isAlive' | 'bringUp'>
  readonly #conditions: Conditions
  readonly #log: Logger
  readonly #backoff = new Backoff()
  readonly #timer: NodeJS.Timeout
  #attempt: Promise<void> | null = null
  #hasBeenUp = false

  constructor(
    embedded: Pick<EmbeddedPostgres, 'isAlive' | 'bringUp'>,
    conditions: Conditions,
    log: Logger,
    checkIntervalMs = CHECK_INTERVAL_MS,
  ) {
    this.#embedded = embedded
    this.#conditions = conditions
    this.#log = log
    this.#timer = setInterval(() => this.#check(), checkIntervalMs)
    this.firstAttempt = this.#try()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#backoff.reset()
    // Before the caller stops Postgres: an attempt that is under way would start it again after that.
    await this.#attempt
  }

  #check(): void {
    if (this.#attempt === null && this.#backoff.isOver && !this.#embedded.isAlive()) void this.#try()
  }

  #try(): Promise<void> {
    this.#attempt = this.#bringUp().finally(() => {
      this.#attempt = null
    })
    return this.#attempt
  }

  async #bringUp(): Promise<void> {
    try {
      await this.#embedded.bringUp()
      this.#backoff.reset()
      this.#conditions.clear('embedded_postgres_down')
      if (this.#hasBeenUp) this.#log.warn('the embedded Postgres had died and was started again')
      this.#hasBeenUp = true
    } catch (error) {
      this.#conditions.raise('embedded_postgres_down', (error as Error).message)
      this.#backoff.fail(() => {})
    }
  }
}
