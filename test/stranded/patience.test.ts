import { expect } from 'chai'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Patience } from '../../lib/stranded/patience.ts'

describe('Patience', () => {
  let books: ServiceBooks
  let conditions: Conditions
  let patience: Patience
  beforeEach(() => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
    books = new ServiceBooks(memory)
    conditions = new Conditions(memory, createLog('silent'))
    patience = new Patience({ memory, patienceMs: 1000 })
  })

  it('has no end as long as no try fails, however long a store takes', () => {
    for (const nowMs of [0, 5000, 500_000]) expect(patience.isOver(nowMs)).to.equal(false)
  })

  it('ends when tries fail and nothing is stored for a while', () => {
    books.set('flushFailures', 1)
    expect(patience.isOver(100)).to.equal(false)
    expect(patience.isOver(1099)).to.equal(false)
    expect(patience.isOver(1100)).to.equal(true)
  })

  it('begins anew with each item that is stored', () => {
    books.set('flushFailures', 1)
    expect(patience.isOver(100)).to.equal(false)
    books.set('flushLastAtMs', 7)
    expect(patience.isOver(1100)).to.equal(false)
    expect(patience.isOver(9000)).to.equal(false)
    books.set('flushFailures', 2)
    expect(patience.isOver(9100)).to.equal(false)
    expect(patience.isOver(10_100)).to.equal(true)
  })

  it('ends when another database answers all the time, which is no failure', () => {
    conditions.raise('other_database', 'another one')
    expect(patience.isOver(0)).to.equal(false)
    expect(patience.isOver(1000)).to.equal(true)
  })
})
