import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { HttpClicks } from '../flush/flush-support.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../support/database.ts'
import { health, untilHealth } from '../support/health.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'

interface Instance {
  readonly name: string
  readonly writer: string
  readonly state: string
  readonly pending: number
  readonly silentMs: number
  readonly finalThroughMs: number
}

describe('instances on one database', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let services: ServiceProcess[]
  beforeEach(async () => {
    database = await createTestDatabase()
    services = []
  })
  afterEach(async () => {
    for (const service of services) if (service.child.exitCode === null) await endService(service)
    for (const { dataDir } of services) await rm(dataDir, { recursive: true, force: true })
    await database.drop()
  })

  const start = async (settings: Settings = {}) => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, ...settings })
    services.push(service)
    return service
  }
  const instances = () =>
    database.query<Instance>(
      `SELECT name, writer, state, pending::int, (extract(epoch FROM now() - seen_at) * 1000)::int AS "silentMs",
              (extract(epoch FROM final_through) * 1000)::float8 AS "finalThroughMs"
       FROM click_instances ORDER BY started_at`,
    )
  const ready = async ({ url }: Pick<ServiceProcess, 'url'>) => {
    const answer = await fetch(`${url}/health/ready`)
    return [answer.status, ((await answer.json()) as { status: string }).status]
  }

  it('have rows before they are ready, say so on /health, and are stopped when they stop', async () => {
    const [one, two] = [await start({ INSTANCE_NAME: 'one' }), await start()]
    for (const service of [one, two]) expect(await ready(service)).to.deep.equal([200, 'ok'])
    const names = ['one', (await health(two)).instance]
    expect(names[1]).to.match(/^.+:\d+$/)
    expect((await instances()).map(({ name, state }) => [name, state])).to.deep.equal(
      names.map(name => [name, 'serving']),
    )
    await fetch(`${one.url}/counter/1`)
    expect(await endService(one)).to.equal(0)
    expect((await instances()).map(({ state }) => state)).to.deep.equal(['stopped', 'serving'])
  })

  it('say through which instant their clicks are stored, and it is true while one is killed and started again', async () => {
    const settings = {
      CLICK_FLUSHER_INTERVAL: '3',
      DATA_DIR: await mkdtemp(join(tmpdir(), 'clickcounter-fleet-')),
    }
    const two = await start({ CLICK_FLUSHER_INTERVAL: '3', INSTANCE_NAME: 'two' })
    let one = await start({ ...settings, INSTANCE_NAME: 'one' })
    const acknowledged = new Map<number, number>()
    let nextId = 1
    let isStopping = false
    const drive = async (service: ServiceProcess) => {
      using clicks = new HttpClicks(service.url)
      while (!isStopping && service.child.signalCode === null) {
        const id = nextId++
        await clicks.record(id).then(
          () => acknowledged.set(id, Date.now()),
          () => {},
        )
        await delay(1)
      }
    }
    let driven = [drive(one), drive(two)]
    /** Looks whether all is there that is said to be. */
    const look = async () => {
      const final = Math.min(
        ...(await instances()).filter(({ state }) => state !== 'stopped').map(row => row.finalThroughMs),
      )
      const expected = [...acknowledged].filter(([, atMs]) => atMs < final).map(([id]) => id)
      const rows = await database.query<{ id: number }>('SELECT banner_id::int AS id FROM click_minutes')
      const stored = new Set(rows.map(({ id }) => id))
      expect(
        expected.filter(id => !stored.has(id)),
        'acknowledged before it, and not there',
      ).to.deep.equal([])
      return { final, expected: expected.length }
    }
    const lookFor = async (ms: number) => {
      for (const endMs = Date.now() + ms; Date.now() < endMs; ) await look()
    }
    await lookFor(5500)
    expect((await look()).expected).to.be.above(100)
    one.signal('SIGKILL')
    await one.exited
    const killedMs = Date.now()
    await lookFor(500)
    expect((await look()).final, 'the dead one holds it back').to.be.below(killedMs)
    one = await start({ ...settings, INSTANCE_NAME: 'one' })
    driven = [...driven, drive(one)]
    await until(async () => (await look()).final > killedMs)
    await lookFor(500)
    isStopping = true
    await Promise.all(driven)
    expect((await instances()).map(({ name, state }) => [name, state])).to.deep.equal([
      ['two', 'serving'],
      ['one', 'stopped'],
      ['one', 'serving'],
    ])
    const lastMs = Math.max(...acknowledged.values())
    await until(async () => (await look()).final > lastMs)
    expect((await look()).expected).to.equal(acknowledged.size)
  })

  it('are heard of while a flush hangs, with what waits and since when', async () => {
    const service = await start({ CLICK_FLUSHER_INTERVAL: '0.2' })
    await withClient(database.server, async blocker => {
      await blocker.query('BEGIN; LOCK TABLE click_minutes')
      const clickedMs = Date.now()
      await fetch(`${service.url}/counter/1`)
      await until(async () => (await instances())[0]!.pending === 1)
      await delay(2500)
      const [row] = await instances()
      expect(row).to.include({ state: 'serving', pending: 1 })
      expect(row!.silentMs).to.be.below(2400)
      expect(row!.finalThroughMs).to.be.within(clickedMs - 3500, clickedMs)
      await blocker.query('ROLLBACK')
    })
    const [{ finalThroughMs: heldMs }] = (await instances()) as [Instance]
    await until(async () => (await instances())[0]!.finalThroughMs > heldMs + 1000)
    expect((await instances())[0]).to.include({ pending: 0 })
  })

  it('without Postgres at the start serve without a row, and have one when it comes', async () => {
    await database.drop()
    const service = await start()
    expect(await ready(service)).to.deep.equal([200, 'degraded'])
    await fetch(`${service.url}/counter/1`)
    await database.recreate()
    await untilHealth(service, ({ clicks }) => clicks.stored === 1)
    await until(async () => (await instances()).length === 1)
  })

  it('older than the tables are not ready, say why, and keep the clicks that come anyway', async () => {
    await database.query("INSERT INTO click_migrations (version, name) VALUES (99, 'later')")
    const service = await start()
    expect(await ready(service)).to.deep.equal([503, 'outdated'])
    const { httpStatus, reasons } = await health(service)
    expect(httpStatus).to.equal(200)
    expect(
      reasons.map(({ reason, detail }) => [reason, /newer than this program/.test(detail!)]),
    ).to.deep.equal([['database_newer', true]])
    expect((await fetch(`${service.url}/counter/1`)).status).to.equal(204)
    expect((await health(service)).clicks.pending).to.equal(1)
    await database.query('DELETE FROM click_migrations WHERE version = 99')
    await until(async () => (await ready(service))[0] === 200)
    await until(async () => (await database.totalClicks()) === 1)
  })
})
