import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { expectBooksIn, health, untilAllStored, untilStoring } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { type OwnPostgres, startOwnPostgres, startOwnStandby, untilReceived } from './own-postgres.ts'
import { scaled } from './scale.ts'

/** So much is lost with the primary: what it has committed, and its standby has not received. */
const GAP_MS = scaled(1000, 3000)
const CONNECTIONS = 4
/** Between two clicks of a connection. Postgres needs the cores as well. */
const PAUSE_MS = 1
/** A banner of its own, which is not the oracle's. */
const BULKS_BANNER = 1
const BULK_CLICKS = 3
const BULKS_IN_GAP = 10
const WATCHED = "application_name LIKE 'clickcounter %' AND application_name <> 'clickcounter test'"

describe('a primary and its standby, both in DATABASE_URL', function () {
  this.timeout(scaled(60_000, 600_000))
  let primary: OwnPostgres
  let standby: OwnPostgres
  let dataDir: string
  before(async () => {
    primary = await startOwnPostgres()
  })
  beforeEach(async () => {
    await primary.clear()
    standby = await startOwnStandby(primary)
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-failover-'))
  })
  afterEach(async () => {
    // Also after a test that has failed: the next one begins with a primary.
    await standby.query('SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote() END')
    await primary.remove()
    primary = standby
    await rm(dataDir, { recursive: true, force: true })
  })
  after(() => primary.remove())

  it('lose no click and double none when the primary dies with what its standby never got', async () => {
    const oracle = new Oracle(BULKS_BANNER)
    const service = await start()
    const keys: string[] = []
    for (let cycle = 1, cycles = scaled(1, 8); ; cycle++) {
      const load = fireAt(oracle, service, CONNECTIONS, PAUSE_MS)
      await untilStoring(service)
      await untilReceived(primary)
      const since = service.lines.length
      await stopReceiving(standby)
      for (let bulk = 0; bulk < BULKS_IN_GAP; bulk++) {
        await setTimeout(GAP_MS / BULKS_IN_GAP)
        keys.push(`bulk-${keys.length}`)
        await sendBulk(service, keys.at(-1)!)
      }
      await untilStoring(service)
      const { stored } = (await health(service)).clicks
      await primary.killAll()
      const gone = stored - (await standby.totalClicks())
      // As clients do that had no answer: each once more, while the first ones are stored again.
      const [seconds] = await Promise.all([
        promoted(standby, service),
        ...keys.slice(-BULKS_IN_GAP).map(key => sendBulk(service, key)),
      ])
      await load.stop()
      await untilAllStored(service)
      console.log(`        ${gone} clicks of ${stored} were not received, stored again ${seconds} s after`)
      expect(gone).to.be.above(100)
      expect(
        service.lines.slice(since).filter(line => line.includes('the database went back')),
      ).to.have.lengthOf(1)
      await expectBooksIn(standby, service)
      expect((await health(service)).clicks.repeated).to.equal(keys.length * BULK_CLICKS)
      if (cycle === cycles) break
      await primary.remove()
      const { port } = primary.server
      primary = standby
      standby = await startOwnStandby(primary, port)
    }
    await endInOrder(service)
    const [bulks] = await standby.query<{ clicks: number }>(
      `SELECT sum(clicks)::int AS clicks FROM click_minutes WHERE banner_id = ${BULKS_BANNER}`,
    )
    expect(bulks!.clicks, 'clicks of keyed bulks').to.equal(keys.length * BULK_CLICKS)
    judge('asynchronous failover', scaled(1, 8), await oracle.verdict(standby))
  })

  it('lose nothing where the primary waits for its standby, and nothing is stored again', async () => {
    await setting(primary, 'synchronous_standby_names', '*')
    await until(
      async () =>
        (await primary.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")).length > 0,
    )
    const oracle = new Oracle()
    const service = await start()
    const load = fireAt(oracle, service, CONNECTIONS, PAUSE_MS)
    await untilStoring(service)
    await primary.killAll()
    const seconds = await promoted(standby, service)
    await load.stop()
    await untilAllStored(service)
    console.log(`        stored again ${seconds} s after`)
    expect(service.lines.filter(line => line.includes('the database went back'))).to.deep.equal([])
    await expectBooksIn(standby, service)
    await endInOrder(service)
    judge('synchronous failover', 1, await oracle.verdict(standby))
  })

  it('are left for each other while the old primary stays up and takes no writes', async () => {
    const oracle = new Oracle()
    const service = await start()
    const load = fireAt(oracle, service, CONNECTIONS, PAUSE_MS)
    await untilStoring(service)
    await total(service)
    expect(await connectionsTo(primary)).to.be.at.least(3)
    await setting(primary, 'default_transaction_read_only', 'on')
    await untilReceived(primary)
    const seconds = await promoted(standby, service)
    const { acknowledged } = oracle
    expect(await total(service)).to.be.at.least(acknowledged)
    await until(async () => (await connectionsTo(primary)) === 0)
    await load.stop()
    await untilAllStored(service)
    console.log(`        stored again ${seconds} s after`)
    expect((await health(service)).database.host).to.equal(`127.0.0.1:${standby.server.port}`)
    await expectBooksIn(standby, service)
    await endInOrder(service)
    judge('switch-over', 1, await oracle.verdict(standby))
  })

  // A ping to the old primary would find its ledger in order. It takes the long form: the ping comes after 5 s.
  for (const title of scaled<string[]>(
    [],
    ['also without a click, and get what the standby had not received'],
  ))
    it(`are left for each other while the old primary stays up, ${title}`, async () => {
      const oracle = new Oracle()
      const service = await start()
      const load = fireAt(oracle, service, CONNECTIONS, PAUSE_MS)
      await untilStoring(service)
      await untilReceived(primary)
      await stopReceiving(standby)
      await untilStoring(service)
      await load.stop()
      await untilAllStored(service)
      await setting(primary, 'default_transaction_read_only', 'on')
      await standby.query('SELECT pg_promote()')
      const lateMs = performance.now()
      await until(async () => (await standby.totalClicks()) === oracle.acknowledged)
      const seconds = Math.round((performance.now() - lateMs) / 100) / 10
      console.log(`        stored again ${seconds} s after`)
      expect(seconds).to.be.below(8)
      expect(await total(service)).to.equal(oracle.acknowledged)
      await expectBooksIn(standby, service)
      await endInOrder(service)
      judge('switch-over without a click', 1, await oracle.verdict(standby))
    })

  it('are left for each other when the old primary says nothing any more', async () => {
    const oracle = new Oracle()
    const service = await start()
    const load = fireAt(oracle, service, CONNECTIONS, PAUSE_MS)
    await untilStoring(service)
    await untilReceived(primary)
    const thaw = await primary.freeze()
    try {
      const seconds = await promoted(standby, service)
      console.log(`        stored again ${seconds} s after`)
      // A store that was under way waits for its answer first, for 8 s.
      expect(seconds).to.be.below(11)
      await load.stop()
      await untilAllStored(service)
      await expectBooksIn(standby, service)
      await endInOrder(service)
      judge('failover from a silent primary', 1, await oracle.verdict(standby))
    } finally {
      thaw()
    }
  })

  function start(): Promise<ServiceProcess> {
    const settings: Settings = {
      ...CLASSED,
      DATA_DIR: dataDir,
      DATABASE_URL: urlOf(primary, standby),
      CLICK_FLUSHER_INTERVAL: '0.05',
      SERVER_THREADS: '1',
    }
    return startServiceProcess(settings)
  }
})

function urlOf(...hosts: readonly OwnPostgres[]): string {
  const places = hosts.map(({ server: { host, port } }) => `${host}:${port}`)
  return hosts[0]!.url.replace(/@[^/]+/, `@${places}`)
}

/** Promotes it, and resolves with the seconds until the service stores again, with one digit. */
async function promoted(standby: OwnPostgres, service: ServiceProcess): Promise<number> {
  const promotedAtMs = performance.now()
  await standby.query('SELECT pg_promote()')
  await untilStoring(service)
  return Math.round((performance.now() - promotedAtMs) / 100) / 10
}

async function sendBulk({ url }: ServiceProcess, key: string): Promise<void> {
  const response = await fetch(`${url}/counter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ clicks: [{ id: BULKS_BANNER, count: BULK_CLICKS }] }),
  })
  expect(response.status, key).to.equal(202)
}

async function stopReceiving(standby: OwnPostgres): Promise<void> {
  await setting(standby, 'primary_conninfo', '')
  await until(async () => (await standby.query('SELECT FROM pg_stat_wal_receiver')).length === 0)
}

async function setting(postgres: OwnPostgres, name: string, value: string): Promise<void> {
  await postgres.query(`ALTER SYSTEM SET ${name} = '${value}'`)
  await postgres.query('SELECT pg_reload_conf()')
}

async function connectionsTo(postgres: OwnPostgres): Promise<number> {
  return (await postgres.query(`SELECT FROM pg_stat_activity WHERE ${WATCHED}`)).length
}

/** Clicks of all classes, as the service answers. */
async function total({ url }: ServiceProcess): Promise<number> {
  const response = await fetch(`${url}/stats?from=2020-01-01&to=2029-01-01&top=1`)
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  const { total, bots, duplicates } = (await response.json()) as Record<
    'total' | 'bots' | 'duplicates',
    number
  >
  return total + bots + duplicates
}

/** Stopped in order: everything is stored, and nothing is left for the next start. */
async function endInOrder(service: ServiceProcess): Promise<void> {
  expect(await stopService(service), service.lines.join('\n')).to.equal(0)
}
