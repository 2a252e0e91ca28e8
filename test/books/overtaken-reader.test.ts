import { expect } from 'chai'
import { CONTROL } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { beforeEachOperation } from '../support/atomics.ts'
import { readBalancesOf } from '../support/balance.ts'
import { settledAs } from '../support/settled.ts'
import { newService, type Service } from './service.ts'

describe('books', () => {
  it('wait for main to finish a change', () => {
    const { memory, balance } = newService()
    Atomics.store(memory.i32, CONTROL.booksVersion, 1)
    let accesses = 0
    const finishLater = () => {
      if (++accesses === 10) Atomics.store(memory.i32, CONTROL.booksVersion, 2)
    }
    beforeEachOperation(['load', 'add'], finishLater, () =>
      expect(balance()).to.deep.equal({ accepted: 0, stored: 0, pending: 0, lost: 0 }),
    )
    expect(accesses).to.be.greaterThan(10)
  })

  const changes: [change: string, apply: (service: Service) => void][] = [
    ['a click', service => service.click(0, 100)],
    ['clicks of all classes', service => service.click(0, 100, 200, 300)],
    ['clicks that are stored', service => service.books.settled(settledAs([1, 2, 0]))],
    ['a generation that is collected', service => service.books.collected(2, [0, 3, 4])],
    ['a whole flush', flushOnce],
    [
      'two flushes',
      service => {
        flushOnce(service)
        service.books.collected(3, [10, 7, 3])
        service.next(5)
        service.click(0, 1000)
      },
    ],
  ]
  for (const [change, apply] of changes)
    it(`balance for a reader who is overtaken by ${change}, wherever that is`, () => {
      const { accesses } = read(newBusyService(), () => {})
      expect(accesses).to.be.greaterThan(8)
      for (let overtakenAt = 1; overtakenAt <= accesses; overtakenAt++) {
        const service = newBusyService()
        const before = service.balances()
        const { balances } = read(service, access => {
          if (access === overtakenAt) apply(service)
        })
        const after = service.balances()
        for (const clickClass of CLICK_CLASSES) {
          const { accepted, stored, pending } = balances[clickClass]!
          expect(accepted, `class ${clickClass} at access ${overtakenAt}`).to.equal(stored + pending)
          expect(
            [before[clickClass], after[clickClass]],
            `class ${clickClass} at access ${overtakenAt}`,
          ).to.deep.include(balances[clickClass]!)
        }
      }
    })
})

/** Generation 1 in the backlog, with 3 clicks; 2 flipped and not collected, with 7; 3 with 20. */
function newBusyService(): Service {
  const service = newService()
  service.click(0, 3)
  service.next(2)
  service.books.collected(1, [3, 0, 0])
  service.click(0, 0, 3)
  service.click(1, 0, 0, 4)
  service.next(3)
  service.click(0, 10, 7, 3)
  return service
}

/** Main and the flush worker, on to the generation after the busy service's. */
function flushOnce(service: Service): void {
  service.books.collected(2, [0, 3, 4])
  service.books.settled(settledAs([3, 3, 4]))
  service.next(4)
  service.click(1, 100)
}

/** Reads the balance; `before` is called ahead of each access to the shared memory. */
function read({ memory }: Service, before: (access: number) => void) {
  let accesses = 0
  const access = () => before(++accesses)
  const view = new SharedMemory(memory.handle)
  const f64 = new Proxy(view.f64, {
    get(target, index) {
      access()
      return Reflect.get(target, index)
    },
  })
  Object.assign(view, { f64 })
  const balances = beforeEachOperation(['load', 'add'], access, () => readBalancesOf(view))
  return { accesses, balances }
}
