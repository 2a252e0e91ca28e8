import { mock } from 'node:test'
import { expect } from 'chai'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { watchRoom } from '../../lib/service/room-watch.ts'

describe("main's watch over what can be used up", () => {
  before(() => mock.timers.enable({ apis: ['setInterval'] }))
  after(() => mock.timers.reset())

  it('tells that unknown banners are refused, until none was for a minute', () => {
    const memory = SharedMemory.create({ threadCount: 2, maxBanners: 256 })
    const books = [0, 1].map(threadIndex => new ThreadBooks(memory, threadIndex, Date.now))
    const watch = watchRoom(memory, new Conditions(memory, createLog('silent')))
    const raised = () => raisedConditions(memory).map(({ name }) => name)
    mock.timers.tick(1000)
    expect(raised(), 'while nothing is refused').to.deep.equal([])
    for (const each of books) {
      each.refuseUnknown(1)
      mock.timers.tick(1000)
      expect(raised()).to.deep.equal(['unknown_banners_refused'])
    }
    expect(raisedConditions(memory)[0]!.text).to.match(/MAX_BANNERS \(256\).*UNKNOWN_BANNERS=refuse/)
    mock.timers.tick(59_000)
    expect(raised(), 'after 59 s').to.deep.equal(['unknown_banners_refused'])
    mock.timers.tick(1000)
    expect(raised(), 'after a minute').to.deep.equal([])
    books[0]!.refuseFull(1)
    mock.timers.tick(1000)
    expect(raised(), 'after a refusal for another reason').to.deep.equal([])
    watch.stop()
    books[0]!.refuseUnknown(1)
    mock.timers.tick(1000)
    expect(raised(), 'after the stop').to.deep.equal([])
  })

  it('tells of clients that cannot be remembered, each reason by itself', () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 256 })
    const books = new ThreadBooks(memory, 0, Date.now)
    const watch = watchRoom(memory, new Conditions(memory, createLog('silent')))
    const raised = () => raisedConditions(memory).map(({ name }) => name)
    books.countUnnoted()
    mock.timers.tick(1000)
    expect(raised()).to.deep.equal(['notes_full'])
    mock.timers.tick(30_000)
    books.countUnlimited(3)
    mock.timers.tick(1000)
    expect(raised()).to.deep.equal(['notes_full', 'limits_full'])
    mock.timers.tick(29_000)
    expect(raised()).to.deep.equal(['limits_full'])
    mock.timers.tick(31_000)
    expect(raised()).to.deep.equal([])
    watch.stop()
  })
})
