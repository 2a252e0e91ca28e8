import { expect } from 'chai'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { ByClass } from '../../lib/rows/classes.ts'
import { expectBalanced } from '../support/balance.ts'
import { readingOf } from '../support/reading.ts'
import { rowsFrom } from '../support/rows.ts'
import { settledAs } from '../support/settled.ts'
import { newService, type Service } from './service.ts'

const TICK: ByClass<number> = [5, 3, 2]

describe('the books of each class', () => {
  it('balance for whoever reads between any two stores of a tick, and a tick is in them when it has ended', () => {
    const service = newService()
    service.click(1, 10, 20, 30)
    const seen: string[] = []
    bookTick(service, () => {
      expectBalanced(service.memory)
      seen.push(accepted(service).join(' '))
    })
    expect(new Set(seen)).to.deep.equal(new Set(['10 20 30', '15 20 30', '15 23 30', '15 23 32']))
    expect(accepted(service)).to.deep.equal([15, 23, 32])
  })

  it('hold the whole tick after a death between any two of its stores, and it is stored', async () => {
    for (let deadAfter = 0; deadAfter <= TICK.length; deadAfter++) {
      const service = newService()
      service.click(1, 10, 20, 30)
      service.generations.enter(0)
      service.count(0, TICK)
      let stores = 0
      const death = new Error('died')
      const die = () => {
        if (stores++ === deadAfter) throw death
      }
      expect(() => bookTick(service, die), `after ${deadAfter} stores`).to.throw(death)
      service.generations.release(0)
      const journaled = rowsFrom([
        [1, 28_900_000, ...TICK],
        [2, 28_900_000, 10, 20, 30],
      ])
      const { clicks, lostClicks } = await service.collect(() => readingOf(journaled))
      expect({ clicks, lostClicks }).to.deep.equal({ clicks: [15, 23, 32], lostClicks: [0, 0, 0] })
      expectBalanced(service.memory)
      service.books.settled(settledAs(clicks))
      expect(service.balances().map(({ accepted, stored }) => [accepted, stored])).to.deep.equal([
        [15, 15],
        [23, 23],
        [32, 32],
      ])
    }
  })

  it('show a loss of one class, also when another one has gained as many', async () => {
    const service = newService()
    service.click(0, 10, 4, 0)
    service.books.collected(1, [14, 0, 0])
    service.books.settled(settledAs([14, 0, 0]))
    expect(service.balance()).to.deep.equal({ accepted: 18, stored: 14, pending: 0, lost: 0 })
    expect(service.balances().map(({ accepted, stored }) => accepted - stored)).to.deep.equal([0, 4, 0])
  })

  it('follow clicks that a database has lost, and those that nobody can store again', () => {
    const service = newService()
    service.click(0, 10, 20, 30)
    service.books.collected(1, [10, 20, 30])
    service.books.settled(settledAs([10, 20, 30], [1, 0, 2]), 5)
    service.books.wentBack(settledAs([3, 4, 5]), [0, 6, 7])
    expect(service.balances()).to.deep.equal([
      { accepted: 10, stored: 6, pending: 3, lost: 1 },
      { accepted: 20, stored: 10, pending: 4, lost: 6 },
      { accepted: 30, stored: 16, pending: 5, lost: 9 },
    ])
    expectBalanced(service.memory)
  })
})

function accepted(service: Service): number[] {
  return service.balances().map(({ accepted }) => accepted)
}

/** Thread 0 books a tick; `before` is called ahead of each of its stores. */
function bookTick({ memory, generations }: Service, before: () => void): void {
  const view = new SharedMemory(memory.handle)
  const f64 = new Proxy(view.f64, {
    set(target, index, value) {
      before()
      return Reflect.set(target, index, value)
    },
  })
  Object.assign(view, { f64 })
  new ThreadBooks(view, 0, Date.now).accept(generations.current % HALF_COUNT, TICK)
}
