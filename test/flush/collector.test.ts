import { expect } from 'chai'
import pino from 'pino'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { Backlog } from '../../lib/flush/backlog.ts'
import { Collector } from '../../lib/flush/collector.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { CollectResult } from '../../lib/messages.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import { rowsFrom } from '../support/rows.ts'

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
function newCollector(answers: readonly (Pick<CollectResult, 'journalFault'> & { isCut?: true })[]) {
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
      const { journalFault, isCut } = left.shift()!
      if (isCut) throw new Error('died')
      return { batch: batchOf(collectedGeneration + 1, rowsFrom([])), journalFault, bulksLostIn: null }
    },
  }
  const finalThrough = { flipBegins: () => {}, flipEnded: () => {} }
  return {
    collector: new Collector(new Backlog(), { books, report, ledgerReport, worker, finalThrough }),
    told,
  }
}
