import type pg from 'pg'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { atSomeHost, expectWritable, hostText, NotOfHostError } from './hosts.ts'

/** What is used of a pool: of one host it is the driver's. */
export interface ConnectionPool {
  readonly options: { readonly max: number }
  connect(): Promise<pg.PoolClient>
  end(): Promise<void>
}

/**
 * A pool for a server with several hosts: one of the driver's pools for each host that is in use, as a rule one. Each
 * client that is handed out has just said that it takes writes. When one does not, its host's pool is given up as a
 * whole: the others in it are as old.
 */
export class HostsPool implements ConnectionPool {
  readonly options: { readonly max: number }
  readonly #server: DatabaseServer
  readonly #openAt: (at: DatabaseServer) => pg.Pool
  /** By host. */
  readonly #pools = new Map<string, pg.Pool>()
  #hasEnded = false

  /** `max`: the most clients at one host. */
  constructor(server: DatabaseServer, max: number, openAt: (at: DatabaseServer) => pg.Pool) {
    this.options = { max }
    this.#server = server
    this.#openAt = openAt
  }

  connect(): Promise<pg.PoolClient> {
    return atSomeHost(this.#server, at => this.#connectAt(at))
  }

  async end(): Promise<void> {
    this.#hasEnded = true
    const pools = [...this.#pools.values()]
    // Before they end: whoever still looks for a host would end one of them again.
    this.#pools.clear()
    await Promise.all(pools.map(pool => pool.end()))
  }

  async #connectAt(at: DatabaseServer): Promise<pg.PoolClient> {
    if (this.#hasEnded) throw new NotOfHostError(new Error('the pool has ended'))
    const pool = this.#poolAt(at)
    const client = await this.#take(pool, at)
    try {
      await expectWritable(client, this.#server)
      return client
    } catch (error) {
      client.release(true)
      this.#giveUp(pool, at)
      throw error
    }
  }

  /** Throws a NotOfHostError when all clients were at work for too long. */
  async #take(pool: pg.Pool, at: DatabaseServer): Promise<pg.PoolClient> {
    const isBusy = pool.totalCount >= this.options.max && pool.idleCount === 0
    try {
      return await pool.connect()
    } catch (error) {
      const isGivenUp = this.#pools.get(hostText(at)) !== pool
      throw isBusy && !isGivenUp ? new NotOfHostError(error) : error
    }
  }

  #poolAt(at: DatabaseServer): pg.Pool {
    const host = hostText(at)
    const pool = this.#pools.get(host) ?? this.#openAt(at)
    this.#pools.set(host, pool)
    return pool
  }

  #giveUp(pool: pg.Pool, at: DatabaseServer): void {
    const host = hostText(at)
    if (this.#pools.get(host) !== pool) return
    this.#pools.delete(host)
    // Not waited for: clients that are at work end with their release.
    void pool.end()
  }
}
