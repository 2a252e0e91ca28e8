import { expect } from 'chai'
import pino from 'pino'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { CONTROL } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { FlushFailure } from '../../lib/messages.ts'

describe('what is told of flushes', () => {
  it('is when clicks begin to be refused for want of room, and when they are accepted again', () => {
    const { memory, report, told } = newReport()
    const isFull = () => Atomics.load(memory.i32, CONTROL.backlogIsFull)
    for (const full of [false, false, true, true, true, false, false]) {
      report.backlogIsFull(full)
      expect(isFull()).to.equal(full ? 1 : 0)
    }
    expect(told.map(({ level, msg }) => [level, msg])).to.deep.equal([
      ['error', 'what waits for the database has used up its space: clicks are refused'],
      ['info', 'there is room again: clicks are accepted'],
    ])
  })

  it('is a failure that goes on once, with its reason, and its end with how often it failed', () => {
    const { report, told } = newReport()
    const failure = away('nobody there')
    for (let attempt = 0; attempt < 5; attempt++) report.failed(failure)
    report.succeeded(1, 1, true)
    report.succeeded(1, 1, true)
    expect(told).to.have.length(2)
    expect(told[0]).to.include({ level: 'warn', code: 'ECONNREFUSED', reason: 'nobody there' })
    expect(told[1]).to.include({ level: 'info', failures: 5 })
  })

  it('is each death of the flush worker', () => {
    const { report, told } = newReport()
    for (const death of ['first', 'second']) report.taskFailed('storing', new Error(death))
    expect(told.map(({ level }) => level)).to.deep.equal(['error', 'error'])
  })
})

function newReport() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
  const told: Record<string, unknown>[] = []
  const log = pino(
    { formatters: { level: level => ({ level }) } },
    { write: line => told.push(JSON.parse(line)) },
  )
  const conditions = new Conditions(memory, log)
  return { memory, told, report: new FlushReport(memory, new ServiceBooks(memory), conditions, log) }
}

function away(message: string): FlushFailure {
  return {
    code: 'ECONNREFUSED',
    message,
    reason: null,
    isReached: false,
    isPermanent: false,
    isOfJournal: false,
  }
}
