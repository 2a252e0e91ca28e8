import type { ConnectionPool } from '../connection/hosts-pool.ts'
import { withClient } from '../connection/with-client.ts'
import type { Fleet } from './fleet.ts'
import { readFleet } from './read-fleet.ts'

/** However many ask, Postgres is asked once in this time. Heartbeats come every 2 s. */
const FRESH_MS = 1000

/** The instances, over connections of a pool. */
export class FleetStore {
  readonly #pool: ConnectionPool
  #reading: Promise<Fleet> | null = null
  #readMs = Number.NEGATIVE_INFINITY

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  /** As of a second ago at most. Rejects as the pool and its clients do. */
  read(): Promise<Fleet> {
    if (this.#reading === null || performance.now() - this.#readMs > FRESH_MS) {
      this.#readMs = performance.now()
      this.#reading = withClient(this.#pool, readFleet)
    }
    return this.#reading
  }
}
