import { expect } from 'chai'
import pino from 'pino'
import { AccessReport } from '../../lib/access-watch/access-report.ts'
import { monotonicMs } from '../../lib/base/monotonic.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { healthReport } from '../../lib/health/report.ts'
import { healthSchema } from '../../lib/health/schema.ts'
import { CONTROL, DATABASE_DOWN, DATABASE_UP } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { newKey, snapshotOf } from '../support/keys.ts'

const ADMIN_KEY = 'an admin key of forty characters, or so!'
const STALE_MS = 11_000

describe('the report of keys', () => {
  function newReport(adminKey: string | null = null) {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
    const { config } = readConfig({
      env: { CLICKCOUNTER_DATABASE_HOST: 'db' },
      cwd: '/',
      cores: 1,
    })
    const report = new AccessReport({
      adminKey,
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
      lines,
      books: new ThreadBooks(memory, 0, Date.now),
      keys() {
        const health = healthReport(sources, Date.now())
        expect(healthSchema.validate(health, { convert: false }).error).to.equal(undefined)
        return health.keys
      },
    }
  }

  /** What was logged since the last call. */
  function told(lines: string[]): { level: number; msg: string }[] {
    return lines.splice(0).map(line => JSON.parse(line))
  }

  it('says on /health what is known, open and in force, and how long ago that was right', () => {
    const { report, keys, books } = newReport()
    expect(keys()).to.deep.equal({
      known: false,
      open: false,
      inForce: 0,
      ageSeconds: null,
      failed: 0,
      limited: 0,
    })
    report.took(snapshotOf([]), monotonicMs() - 60_000)
    expect(keys()).to.deep.include({ known: true, open: true, inForce: 0 })
    expect(keys().ageSeconds).to.be.within(60, 61)
    report.took(
      snapshotOf([newKey(['read']), newKey(['read'], Date.now() - 1), newKey(['read'], Date.now() + 60_000)]),
      monotonicMs(),
    )
    expect(keys()).to.deep.include({ known: true, open: false, inForce: 2 })
    expect(keys().ageSeconds).to.be.below(1)
    for (let time = 0; time < 3; time++) books.failKey()
    books.limitKey()
    expect(keys()).to.include({ failed: 3, limited: 1 })
  })

  it('counts ADMIN_KEY, and takes it for known that the service is closed', () => {
    const { report, keys } = newReport(ADMIN_KEY)
    expect(keys()).to.include({ known: false, open: false, inForce: 1 })
    report.took(snapshotOf([newKey(['read'])]), monotonicMs())
    expect(keys()).to.include({ known: true, open: false, inForce: 2 })
  })

  it('logs what is open and how to close it, once each time that it changes', () => {
    const { report, lines } = newReport()
    report.tell()
    expect(told(lines))
      .to.have.nested.property('[0].msg')
      .that.matches(/^the keys are not known yet/)
    const sentences: [Parameters<typeof snapshotOf>[0], number, RegExp][] = [
      [
        [],
        40,
        /^no key exists: everybody who reaches this port may count and read; npm run keys -- create closes it$/,
      ],
      [[newKey(['read'])], 30, /^1 key in force: who reads or sends bulks needs one$/],
      [[newKey(['read'], 1)], 40, /^every key has expired: .*npm run keys -- create/],
      [[newKey(['read']), newKey(['read'])], 30, /^2 keys in force/],
    ]
    for (const [keys, level, sentence] of sentences) {
      report.took(snapshotOf(keys), monotonicMs())
      report.tell()
      report.tell()
      const logged = told(lines)
      expect(logged).to.have.length(1)
      expect(logged[0]!.level).to.equal(level)
      expect(logged[0]!.msg).to.match(sentence)
    }
  })

  it('logs ADMIN_KEY by its name', () => {
    const { report, lines } = newReport(ADMIN_KEY)
    report.tell()
    report.took(snapshotOf([newKey(['read'])]), monotonicMs())
    report.tell()
    expect(told(lines).map(({ level, msg }) => [level, msg])).to.deep.equal([
      [30, 'ADMIN_KEY alone is in force until Postgres tells the other keys'],
      [30, '2 keys in force, ADMIN_KEY among them: who reads or sends bulks needs one'],
    ])
  })

  it('calls keys unconfirmed once they are 10 s old although Postgres is up, until they are confirmed', () => {
    const { report, memory } = newReport()
    const failure = Object.assign(new Error('relation "access_state" does not exist'), { code: '42P01' })
    const raised = () => raisedConditions(memory).map(({ name }) => name)
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
    report.failed(failure)
    expect(raised(), 'at the start, the tables may not be made yet').to.deep.equal([])
    report.took(snapshotOf([]), monotonicMs() - 5000)
    report.failed(failure)
    expect(raised(), 'after 5 s').to.deep.equal([])
    report.took(snapshotOf([]), monotonicMs() - STALE_MS)
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_DOWN)
    report.failed(failure)
    expect(raised(), 'that Postgres is away is a reason of its own').to.deep.equal([])
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
    report.failed(failure)
    expect(raised()).to.deep.equal(['keys_unconfirmed'])
    expect(raisedConditions(memory)[0]!.text).to.match(
      /^The keys are those of a while ago.*"access_state" does not exist/,
    )
    report.confirmed(monotonicMs())
    expect(raised()).to.deep.equal([])
  })
})
