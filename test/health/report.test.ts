import { expect } from 'chai'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { healthReport } from '../../lib/health/report.ts'
import { healthSchema } from '../../lib/health/schema.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { FlushFailure } from '../../lib/messages.ts'
import { Ring } from '../../lib/ring/ring.ts'

const REPORTS = 500

describe('the report', () => {
  it('takes less than a millisecond of processor time, also with 32 busy threads', () => {
    const { sources, threads } = newReport(32)
    for (const books of threads) for (let ms = 0; ms < 1000; ms++) books.answer(204, { kind: 'counting', ms })
    const before = process.cpuUsage()
    for (let nth = 0; nth < REPORTS; nth++) JSON.stringify(healthReport(sources, Date.now()))
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000 / REPORTS).to.be.below(1)
  })

  it('says since when Postgres has been away: from the first failure until it is back', () => {
    const { report, flushReport } = newReport(1)
    expect(report().database).to.include({ status: 'unknown', downSince: null })
    const earliest = Date.now()
    flushReport.failed(failure('ECONNREFUSED', 'no'))
    const latest = Date.now()
    const { downSince } = report().database
    expect(Date.parse(downSince!)).to.be.within(earliest, latest)
    while (Date.now() === latest);
    flushReport.failed(failure('ECONNREFUSED', 'still no'))
    expect(report().database).to.include({ status: 'down', downSince, lastError: 'ECONNREFUSED: still no' })
    flushReport.succeeded(1, null, true)
    expect(report().database).to.include({ status: 'up', downSince: null })
    while (Date.now() === Date.parse(downSince!));
    flushReport.notPrepared(failure('ECONNREFUSED', 'again'))
    expect(report().database.downSince).not.to.equal(downSince)
  })

  it('does not take a database that refuses the statement for one that is away', () => {
    const { report, flushReport } = newReport(1)
    flushReport.failed(failure('22012', 'division by zero'))
    expect(report().database).to.include({ status: 'up', downSince: null })
    expect(report().flush.lastError).to.equal('22012: division by zero')
  })

  it('forgets why its own database refused when another one answers', () => {
    const { sources, flushReport } = newReport(1)
    flushReport.failed({ ...failure('42P01', 'click_database is missing'), reason: 'database_table' })
    expect(raisedConditions(sources.memory).map(({ name }) => name)).to.deep.equal(['database_table'])
    flushReport.elsewhere()
    expect(raisedConditions(sources.memory)).to.deep.equal([])
  })

  it('has the last failure until the next flush, or until nothing is pending', () => {
    for (const [rows, isAllStored] of [
      [1, false],
      [null, true],
    ] as const) {
      const { report, flushReport } = newReport(1)
      flushReport.taskFailed('storing', new Error('the worker died'))
      flushReport.succeeded(1, null, false)
      expect(report().flush.lastError).to.equal('flush worker, storing: the worker died')
      flushReport.succeeded(1, rows, isAllStored)
      expect(report().flush.lastError).to.equal(null)
    }
  })

  it('has the last flush that wrote rows: one without rows changes nothing', () => {
    const { report, flushReport } = newReport(1)
    flushReport.succeeded(3, 10, true)
    flushReport.succeeded(5, 2, true)
    flushReport.succeeded(7, null, true)
    expect(report().flush).to.include({ lastDurationMs: 5, lastRows: 2 })
  })
})

function newReport(threadCount: number) {
  const memory = SharedMemory.create({ threadCount, maxBanners: 1000 })
  const books = new ServiceBooks(memory)
  const log = createLog('silent')
  const { config } = readConfig({ env: {}, cwd: '/', cores: 2 })
  const sources = { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' }
  return {
    sources,
    flushReport: new FlushReport(memory, books, new Conditions(memory, log), log),
    threads: Array.from({ length: threadCount }, (_, thread) => new ThreadBooks(memory, thread, Date.now)),
    report: () => {
      const report = healthReport(sources, Date.now())
      expect(healthSchema.validate(report, { convert: false }).error).to.equal(undefined)
      return report
    },
  }
}

/** As the flush worker tells it. */
function failure(code: string, message: string): FlushFailure {
  const isReached = /\d/.test(code)
  return { code, message, reason: null, isReached, isPermanent: isReached, isOfJournal: false }
}
