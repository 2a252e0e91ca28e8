import { expect } from 'chai'
import pg from 'pg'
import pino from 'pino'
import type { Fleet, FleetInstance } from '../../db/fleet/fleet.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { FleetReport } from '../../lib/fleet/fleet-report.ts'
import { metricsText } from '../../lib/health/metrics.ts'
import { CONTROL, DATABASE_DOWN, DATABASE_UP } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'

const HOUR_MS = 3_600_000

function newReport() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  const reasons: string[] = []
  const log = pino({}, { write: line => void reasons.push(JSON.parse(line).reason) })
  const { config } = readConfig({ env: { CLICKCOUNTER_DATABASE_HOST: 'db' }, cwd: '/', cores: 1 })
  const report = new FleetReport({
    database: config.database.server!,
    memory,
    books: new ServiceBooks(memory),
    conditions: new Conditions(memory, log),
    log,
  })
  const sources = { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' }
  return {
    report,
    memory,
    reasons,
    raised: () => raisedConditions(memory).map(({ name, text }) => [name, text] as const),
    metrics: () => metricsText(sources),
  }
}

function instance(change: Partial<FleetInstance>): FleetInstance {
  const now = new Date().toISOString()
  return {
    name: 'one',
    id: change.name ?? 'one',
    version: '1.0.0',
    state: 'serving',
    startedAt: now,
    seenAt: now,
    pending: 0,
    pendingSeconds: 0,
    finalThrough: now,
    advice: null,
    ...change,
  }
}

const fleetOf = (...instances: FleetInstance[]): Fleet => ({
  finalThrough: new Date(Date.now() - 5000).toISOString(),
  heldBackBy: [],
  instances,
})

describe('the report of the fleet', () => {
  it('names who is lost with what it held, once a second look has found it lost, until it is not', () => {
    const { report, raised } = newReport()
    const lost = instance({ name: 'web-2', state: 'lost', pending: 17 })
    report.looked(fleetOf(instance({}), lost))
    expect(raised(), 'its successor may be about to store it').to.deep.equal([])
    report.looked(fleetOf(instance({}), lost))
    const [[name, text]] = raised() as [[string, string]]
    expect(name).to.equal('fleet_lost')
    expect(text).to.match(/^Lost: web-2 \(17 clicks pending\)\. .*npm run fleet -- list/)
    report.looked(fleetOf(instance({}), { ...lost, state: 'stopped' }))
    expect(raised()).to.deep.equal([])
  })

  it('complains of versions that have served together for more than an hour, and not of those that are gone', () => {
    const { report, raised } = newReport()
    const old = instance({ startedAt: new Date(Date.now() - 100 * HOUR_MS).toISOString() })
    const newer = (hours: number) =>
      instance({
        name: 'two',
        version: '1.1.0',
        startedAt: new Date(Date.now() - hours * HOUR_MS).toISOString(),
      })
    report.looked(fleetOf(old, newer(0.9)))
    expect(raised()).to.deep.equal([])
    report.looked(fleetOf(old, newer(1.1)))
    expect(raised()[0]![0]).to.equal('fleet_versions')
    expect(raised()[0]![1]).to.include('one runs 1.0.0 and two runs 1.1.0')
    report.looked(fleetOf({ ...old, state: 'stopped' }, newer(2)))
    expect(raised()).to.deep.equal([])
  })

  it('has the figures for /metrics, which say that nothing is known before a look', async () => {
    const { report, metrics } = newReport()
    expect(await metrics()).to.match(/^clickcounter_fleet_final_through_seconds \+Inf$/m)
    report.looked(fleetOf(instance({}), instance({ name: 'two', state: 'lost', pending: 3 })))
    const text = await metrics()
    expect(text)
      .to.match(/^clickcounter_fleet_instances\{state="serving"\} 1$/m)
      .and.to.match(/^clickcounter_fleet_instances\{state="lost"\} 1$/m)
      .and.to.match(/^clickcounter_fleet_instances\{state="stopped"\} 0$/m)
      .and.to.match(/^clickcounter_fleet_lost_pending_clicks 3$/m)
    const [, age] = /^clickcounter_fleet_final_through_seconds (.*)$/m.exec(text)!
    expect(Number(age)).to.be.within(5, 8)
  })

  it('says once why the row cannot be written, unless Postgres is away', () => {
    const { report, memory, reasons } = newReport()
    const error = Object.assign(new pg.DatabaseError('permission denied', 1, 'error'), { code: '42501' })
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_DOWN)
    report.failed(error)
    expect(reasons).to.deep.equal([])
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
    report.failed(error)
    report.failed(error)
    expect(reasons).to.have.lengthOf(1)
    expect(reasons[0]).to.match(/lacks a privilege/)
  })
})
