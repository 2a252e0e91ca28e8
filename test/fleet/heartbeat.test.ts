import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Fleet } from '../../db/fleet/fleet.ts'
import { Heartbeat } from '../../lib/fleet/heartbeat.ts'
import type { Stand } from '../../lib/flush/standing.ts'
import { WatchConnection } from '../../lib/watch/watch-connection.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { until } from '../support/until.ts'

describe('the heartbeat', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let id: string
  before(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
    id = (await database.query<{ id: string }>('SELECT id FROM click_database'))[0]!.id
  })
  after(async () => {
    await proxy.close()
    await database.drop()
  })
  afterEach(() => database.query('TRUNCATE click_instances'))

  const rows = () =>
    database.query<{ state: string; pending: number; ageMs: number }>(
      `SELECT state, pending::int, (extract(epoch FROM now() - seen_at) * 1000)::int AS "ageMs" FROM click_instances`,
    )

  /** `stand` is what it finds: a test changes it. */
  function begin(stand: { now: Stand | null }, intervalMs: number) {
    const connection = new WatchConnection(proxy.server)
    const looks: Fleet[] = []
    const failures: unknown[] = []
    const heartbeat = new Heartbeat({
      connection,
      instance: { writer: randomUUID(), name: 'one', version: '1.0.0', startedAtMs: Date.now() },
      stand: () => stand.now,
      report: { looked: fleet => void looks.push(fleet), failed: error => void failures.push(error) },
      intervalMs,
    })
    heartbeat.start()
    return { heartbeat, looks, failures, [Symbol.dispose]: () => connection.close() }
  }
  const standing = (pending: number): Stand => ({
    database: id,
    expected: new Map(),
    finalThroughMs: Date.now() - 1000,
    pending,
    earlier: new Map(),
  })

  it('makes no row before a database was met, comes with each flush and without one, and looks at the others', async () => {
    const stand: { now: Stand | null } = { now: null }
    using begun = begin(stand, 3_600_000)
    const { heartbeat, looks } = begun
    await delay(50)
    expect(await rows()).to.deep.equal([])
    stand.now = standing(3)
    heartbeat.hurry()
    await heartbeat.hasRow
    expect((await rows())[0]).to.include({ state: 'serving', pending: 3 })
    await until(() => looks.length === 1)
    expect(looks[0]!.instances[0]).to.include({ name: 'one', pending: 3 })
    stand.now = standing(1)
    heartbeat.hurry()
    await until(async () => (await rows())[0]!.pending === 1)
    heartbeat.drain()
    await until(async () => (await rows())[0]!.state === 'draining')
    await heartbeat.stop(false)
    expect((await rows())[0], 'with what it leaves').to.include({ state: 'draining', pending: 1 })
    await heartbeat.stop(true)
    expect((await rows())[0]).to.include({ state: 'stopped' })
  })

  it('makes its row again after an outage, and when somebody has removed it', async () => {
    using begun = begin({ now: standing(0) }, 20)
    const { heartbeat, failures } = begun
    await heartbeat.hasRow
    await database.query('TRUNCATE click_instances')
    await until(async () => (await rows()).length === 1)
    proxy.cut()
    await until(() => failures.length > 1)
    await database.query('TRUNCATE click_instances')
    proxy.restore()
    await until(async () => (await rows()).length === 1)
    await heartbeat.stop(true)
  })

  it('goes on when somebody has ended its writer by mistake', async () => {
    using begun = begin({ now: standing(0) }, 20)
    await begun.heartbeat.hasRow
    await database.query("UPDATE click_instances SET state = 'stopped'")
    await until(async () => (await rows())[0]!.state === 'serving')
    await begun.heartbeat.stop(true)
  })

  it('does not keep a stop waiting for a Postgres that says nothing', async () => {
    using begun = begin({ now: standing(0) }, 20)
    await begun.heartbeat.hasRow
    proxy.judge = () => 'hold'
    const startedMs = performance.now()
    await begun.heartbeat.stop(true)
    expect(performance.now() - startedMs).to.be.below(2000)
    proxy.judge = () => 'pass'
  })
})
