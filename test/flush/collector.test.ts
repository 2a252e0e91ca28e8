import { expect } from 'chai'
import pino from 'pino'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { Backlog } from '../../lib/flush/backlog.ts'
import { Collector } from '../../lib/flush/collector.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { CollectResult } from '../../lib/messages.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import type { ByClass } from '../../lib/rows/classes.ts'
import { readBalance } from '../support/balance.ts'
import { rowsFrom } from '../support/rows.ts'

describe('collecting a generation whose keyed bulks are not in the journal any more', () => {
  it('books them as lost, and says which files are damaged', async () => {
    const { collector, told, memory, accept } = newCollector([
      { journalFault: null, bulksLostIn: ['a file'] },
    ])
    accept([5, 2, 0])
    await collector.collect()
    expect(readBalance(memory)).to.deep.equal({ accepted: 7, stored: 0, pending: 0, lost: 7 })
    expect(raisedConditions(memory).map(({ name }) => name)).to.deep.equal(['clicks_lost'])
    expect(told[0]).to.deep.include({ level: 'error', generation: 1, clicks: 7, files: ['a file'] })
  })
})

describe('collecting after the death of a thread', () => {
  it('is told once for each generation whose half was taken instead of the journal, and why', async () => {
    const { collector, told } = newCollector([
      { journalFault: null },
      { journalFault: 'unreadable', isCut: true },
      { journalFault: 'unreadable' },
      { journalFault: 'short' },
      { journalFault: null },
    ])
    for (let task = 0; task < 5; task++) await collector.collect().catch(() => {})
    expect(collector.collectedGeneration).to.equal(4)
    expect(told.map(({ level, generation, msg }) => [level, generation, msg])).to.deep.equal([
      [
        'warn',
        2,
        'a request thread died, and its journal cannot be read: the ring was taken, which may hold a part of a bulk that got no answer',
      ],
      [
        'warn',
        3,
        'a request thread died, and its journal holds less than was booked: the ring was taken, which may hold a part of a bulk that got no answer',
      ],
    ])
  })
})

/** A collector whose worker gives one answer a task. `isCut`: it dies, and main does not get the answer. */
function newCollector(
  answers: readonly (Pick<CollectResult, 'journalFault'> & {
    isCut?: true
    bulksLostIn?: readonly string[]
  })[],
) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
  const told: Record<string, unknown>[] = []
  const log = pino(
    { formatters: { level: level => ({ level }) } },
    { write: line => told.push(JSON.parse(line)) },
  )
  const books = new ServiceBooks(memory)
  const conditions = new Conditions(memory, log)
  const report = new FlushReport(memory, books, conditions, log)
  const ledgerReport = new LedgerReport(conditions, log)
  const left = [...answers]
  const worker = {
    async collect(collectedGeneration: number): Promise<CollectResult> {
      const { journalFault, isCut, bulksLostIn = null } = left.shift()!
      if (isCut) throw new Error('died')
      return { batch: batchOf(collectedGeneration + 1, rowsFrom([])), journalFault, bulksLostIn }
    },
  }
  const finalThrough = { flipBegins: () => {}, flipEnded: () => {} }
  return {
    collector: new Collector(new Backlog(), { books, report, ledgerReport, worker, finalThrough }),
    told,
    memory,
    /** Clicks of generation 1. */
    accept: (clicks: ByClass<number>) => new ThreadBooks(memory, 0, Date.now).accept(1, clicks),
  }
}
