import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseServer } from '../../../lib/config/config.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { until } from '../../support/until.ts'
import { type OwnPostgres, startOwnPostgres, startOwnStandby } from '../own-postgres.ts'

/** Two places for a Postgres. One has the primary; the other one is empty but for a failover. */
export class PostgresPair {
  /** Of both places. */
  readonly hosts: readonly [DatabaseServer, DatabaseServer]
  #primary: OwnPostgres

  private constructor(primary: OwnPostgres, otherPort: number) {
    this.#primary = primary
    this.hosts = [primary.server, { ...primary.server, port: otherPort }]
  }

  static async start(): Promise<PostgresPair> {
    return new PostgresPair(await startOwnPostgres(), await chooseFreePort())
  }

  get primary(): OwnPostgres {
    return this.#primary
  }

  /** The primary dies with what it has committed in the last milliseconds, and the other place takes over. */
  async failOver(lostMs: number): Promise<void> {
    const old = this.#primary
    const { port } = this.hosts.find(host => host.port !== old.server.port)!
    const standby = await startOwnStandby(old, port)
    await standby.query("ALTER SYSTEM SET primary_conninfo = ''")
    await standby.query('SELECT pg_reload_conf()')
    await until(async () => (await standby.query('SELECT FROM pg_stat_wal_receiver')).length === 0)
    await delay(lostMs)
    await old.killAll()
    await standby.query('SELECT pg_promote()')
    this.#primary = standby
    await old.remove()
  }
}
