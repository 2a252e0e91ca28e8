import { expect } from 'chai'
import { clicksInRing, sumOverThreads } from '../../lib/books/balance.ts'
import { type ByClass, plus } from '../../lib/rows/classes.ts'
import { settledAs } from '../support/settled.ts'
import { Barrier, startWorker, watch } from '../support/worker.ts'
import type { BookingThreadData } from './booking-thread.ts'
import type { ReadingThreadData, ReadingThreadResult } from './reading-thread.ts'
import { newService } from './service.ts'

describe('books', () => {
  it('follow a click from the ring through the backlog into the database', async () => {
    const service = newService()
    expect(service.balance()).to.deep.equal({ accepted: 0, stored: 0, pending: 0, lost: 0 })
    service.click(0, 5)
    service.click(1, 2)
    expect(service.balance()).to.deep.equal({ accepted: 7, stored: 0, pending: 7, lost: 0 })
    const { clicks } = await service.collect()
    expect(service.balance()).to.deep.equal({ accepted: 7, stored: 0, pending: 7, lost: 0 })
    expect(clicksInRing(service.memory)).to.deep.equal([0, 0, 0])
    service.click(0, 4)
    expect(service.balance()).to.deep.equal({ accepted: 11, stored: 0, pending: 11, lost: 0 })
    service.books.settled(settledAs(clicks))
    expect(service.balance()).to.deep.equal({ accepted: 11, stored: 7, pending: 4, lost: 0 })
  })

  it('balance while a half is flipped and not collected yet', () => {
    const service = newService()
    service.click(0, 5)
    service.generations.flip(1)
    service.click(1, 2)
    expect(service.balance()).to.deep.equal({ accepted: 7, stored: 0, pending: 7, lost: 0 })
  })

  it('balance at any moment, under threads that count, flushes and readers', async () => {
    const threadCount = 2
    const service = newService(threadCount)
    const barrier = Barrier.for(threadCount + 2)
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const shared = { memory: service.memory.handle, barrier: barrier.handle }
    const threads = Array.from({ length: threadCount }, (_, threadIndex) =>
      startWorker<ByClass<number>>(new URL('./booking-thread.ts', import.meta.url), {
        ...shared,
        threadIndex,
        stop: stop.buffer,
        diesBeforeBooking: false,
      } satisfies BookingThreadData),
    )
    const reader = startWorker<ReadingThreadResult>(new URL('./reading-thread.ts', import.meta.url), {
      ...shared,
      looks: 200_000,
    } satisfies ReadingThreadData)
    const reading = watch(reader.result)
    try {
      barrier.pass()
      while (!reading.isDone) await service.flush()
      expect(await reader.result).to.equal(null)
      Atomics.store(stop, 0, 1)
      const counted = await Promise.all(threads.map(thread => thread.result))
      await service.flush()
      const all = counted.reduce(plus)
      expect(Math.min(...all)).to.be.above(0)
      expect(service.balances().map(({ accepted, stored }) => [accepted, stored])).to.deep.equal(
        all.map(clicks => [clicks, clicks]),
      )
    } finally {
      await Promise.all([...threads, reader].map(thread => thread.end()))
    }
  })

  it('balance after a thread died over clicks that it had not booked, and stores those', async () => {
    const service = newService(2)
    service.click(0, 10)
    const dying = startWorker<ByClass<number>>(new URL('./booking-thread.ts', import.meta.url), {
      memory: service.memory.handle,
      threadIndex: 1,
      barrier: Barrier.for(1).handle,
      stop: new SharedArrayBuffer(4),
      diesBeforeBooking: true,
    } satisfies BookingThreadData)
    expect(await dying.result).to.deep.equal([1, 0, 0])
    await dying.end()
    expect(service.balance()).to.deep.equal({ accepted: 10, stored: 0, pending: 10, lost: 0 })
    service.generations.release(1)
    const { clicks, lostClicks } = await service.collect()
    expect({ clicks, lostClicks }).to.deep.equal({ clicks: [11, 0, 0], lostClicks: [0, 0, 0] })
    expect(service.balance()).to.deep.equal({ accepted: 11, stored: 0, pending: 11, lost: 0 })
    service.books.settled(settledAs(clicks))
    expect(service.balance()).to.deep.equal({ accepted: 11, stored: 11, pending: 0, lost: 0 })
  })

  it('report a loss, and go on showing it', async () => {
    const { memory, ...service } = newService()
    service.click(0, 10)
    service.click(1, 5)
    memory.i32[memory.i32.indexOf(10, memory.partIndex(1, 0))] = 0
    const { clicks, lostClicks } = await service.collect()
    expect({ clicks, lostClicks }).to.deep.equal({ clicks: [5, 0, 0], lostClicks: [10, 0, 0] })
    service.books.settled(settledAs(clicks))
    service.click(0, 1)
    expect(service.balance()).to.deep.equal({ accepted: 16, stored: 5, pending: 1, lost: 0 })
  })

  it('are exact beyond 2^32 clicks', async () => {
    const service = newService()
    const most = 2 ** 31 - 1
    for (let nth = 0; nth < 3; nth++) {
      service.click(0, most)
      await service.flush()
    }
    service.click(0, most)
    expect(service.balance()).to.deep.equal({ accepted: 4 * most, stored: 3 * most, pending: most, lost: 0 })
  })

  it('keep what is not counted under its reason', () => {
    const { memory, threads } = newService()
    threads[0]!.refuseFull(3)
    threads[1]!.refuseFull(1)
    threads[1]!.refuseLimit(6)
    threads[0]!.countUnnoted()
    threads[1]!.countUnlimited(7)
    threads[1]!.ignorePrefetch()
    threads[0]!.ignoreUnknown(2)
    threads[0]!.ignoreInactive(5)
    const statusCodes = [200, 204, 304, 400, 404, 499, 500, 503]
    for (const statusCode of statusCodes) threads[0]!.answer(statusCode, { kind: 'counting', ms: 1 })
    const reasons = [
      'refusedFull',
      'refusedLimit',
      'unnotedClicks',
      'unlimitedClicks',
      'ignoredPrefetch',
      'ignoredUnknown',
      'ignoredInactive',
      'requests',
    ] as const
    const sums = reasons.map(name => sumOverThreads(memory, name))
    expect(sums).to.deep.equal([4, 6, 1, 7, 1, 2, 5, statusCodes.length])
    const responses = (['responses2xx', 'responses3xx', 'responses4xx', 'responses5xx'] as const).map(name =>
      sumOverThreads(memory, name),
    )
    expect(responses).to.deep.equal([2, 1, 3, 2])
  })
})
