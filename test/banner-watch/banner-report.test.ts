import { expect } from 'chai'
import pino from 'pino'
import { BannerReport } from '../../lib/banner-watch/banner-report.ts'
import { emptyOverlay } from '../../lib/banner-watch/merge.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import { monotonicMs } from '../../lib/base/monotonic.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { healthReport } from '../../lib/health/report.ts'
import { healthSchema } from '../../lib/health/schema.ts'
import { CONTROL, DATABASE_DOWN, DATABASE_UP } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { newRevision, noBanners } from '../support/banners.ts'
import { PLAIN } from './tables.ts'

const STALE_MS = 11_000

describe('the report of banners', () => {
  let tables: BannerTables
  before(async () => {
    const builder = new TableBuilder()
    for (const id of [1, 2]) builder.put({ ...PLAIN, id })
    const base = await builder.build(newRevision(), null)
    tables = { base, overlay: await emptyOverlay(base) }
  })

  function newReport() {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
    const env = { CLICKCOUNTER_DATABASE_HOST: 'db' }
    const { config } = readConfig({ env, cwd: '/', cores: 1 })
    const report = new BannerReport({
      database: config.database.server!,
      memory,
      books: new ServiceBooks(memory),
      conditions: new Conditions(memory, log),
      log,
    })
    const sources = {
      memory,
      ring: new Ring(memory, noBanners.lookup),
      config,
      instance: 'test:1',
      version: '1.0.0',
    }
    return {
      report,
      memory,
      told: () => lines.splice(0).map(line => JSON.parse(line).msg as string),
      raised: () => raisedConditions(memory),
      banners() {
        const health = healthReport(sources, Date.now())
        expect(healthSchema.validate(health, { convert: false }).error).to.equal(undefined)
        return health.banners
      },
    }
  }

  it('says on /health what is known, how many there are, how old that is, and what it takes', () => {
    const { report, banners } = newReport()
    expect(banners()).to.deep.equal({ known: false, registered: 0, ageSeconds: null, memoryBytes: 0 })
    report.took(tables, monotonicMs() - 60_000)
    expect(banners()).to.include({ known: true, registered: 2 })
    expect(banners().memoryBytes).to.equal(tables.base.bytes + tables.overlay.bytes)
    expect(banners().ageSeconds).to.be.within(60, 61)
    report.confirmed(monotonicMs())
    expect(banners().ageSeconds).to.be.below(1)
  })

  it('logs once that they are not known, and once how many there are', () => {
    const { report, told } = newReport()
    for (let time = 0; time < 2; time++) report.tell()
    expect(told()).to.have.length(1)
    report.took(tables, monotonicMs())
    for (let time = 0; time < 2; time++) {
      report.tell()
      report.took(tables, monotonicMs())
    }
    expect(told()).to.deep.equal(['2 banners registered'])
  })

  it('calls them unconfirmed once they are 10 s old although Postgres is up, until they are confirmed', () => {
    const { report, memory, raised } = newReport()
    const failure = Object.assign(new Error('relation "banners" does not exist'), { code: '42P01' })
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
    report.failed(failure)
    expect(raised(), 'at the start').to.deep.equal([])
    report.took(tables, monotonicMs() - STALE_MS)
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_DOWN)
    report.failed(failure)
    expect(raised(), 'that Postgres is away is a reason of its own').to.deep.equal([])
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
    report.failed(failure)
    expect(raised().map(({ name }) => name)).to.deep.equal(['banners_unconfirmed'])
    expect(raised()[0]!.text).to.match(/^The banners are those of a while ago.*"banners" does not exist/)
    report.confirmed(monotonicMs())
    expect(raised()).to.deep.equal([])
  })
})
