import { randomFillSync } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { ClickLimits, UNLIMITED } from '../../lib/clients/click-limits.ts'
import { LIMITS_PER_BUCKET } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { beforeOperation } from '../support/atomics.ts'
import { Barrier, startWorker } from '../support/worker.ts'
import type { AdmittedThreadData } from './admitted-thread.ts'

const NOW_MS = Date.parse('2026-11-28T12:00:00Z')
const MINUTE_MS = 60_000
const ALICE = { high: 0x12345678, low: 0x0abcdef0 }
const BOB = { high: -0x12345678, low: 0x0abcdef0 }

describe('ClickLimits', () => {
  for (const clicks of [1, 7, 60, 1000])
    it(`admit ${clicks} clicks at once, and then so many a minute`, () => {
      const { limits } = newLimits(clicks)
      for (let click = 0; click < clicks; click++) expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(0)
      const waitMs = limits.admit(ALICE, 1, NOW_MS)
      expect(waitMs).to.be.within(Math.floor(MINUTE_MS / clicks), Math.ceil(MINUTE_MS / clicks))
      expect(limits.admit(ALICE, 1, NOW_MS + waitMs - 1)).to.equal(1)
      expect(limits.admit(ALICE, 1, NOW_MS + waitMs)).to.equal(0)
      let admitted = 1
      for (let afterMs = waitMs; afterMs <= 10 * MINUTE_MS; afterMs += 10)
        if (limits.admit(ALICE, 1, NOW_MS + afterMs) === 0) admitted++
      expect(admitted).to.be.within(10 * clicks - 1, 10 * clicks)
    })

  it('charge a bulk as a whole, or not at all', () => {
    const { limits } = newLimits(60)
    expect(limits.admit(ALICE, 50, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 11, NOW_MS)).to.equal(1000)
    expect(limits.admit(ALICE, 10, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 10, NOW_MS + 9999)).to.equal(1)
    expect(limits.admit(ALICE, 10, NOW_MS + 10_000)).to.equal(0)
  })

  it('hold a client to the most that the setting takes', () => {
    const perMinute = 15_360_000
    const { limits } = newLimits(perMinute)
    expect(limits.admit(ALICE, perMinute, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(1)
    expect(limits.admit(ALICE, 1 + perMinute / 60, NOW_MS + 1000)).to.equal(1)
    expect(limits.admit(ALICE, perMinute / 60, NOW_MS + 1000)).to.equal(0)
  })

  it('limit each client by itself', () => {
    const { limits } = newLimits(1)
    expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(0)
    expect(limits.admit(BOB, 1, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(MINUTE_MS)
  })

  it('say when a client is over, and charge nothing for it', () => {
    const { limits } = newLimits(2)
    for (let look = 0; look < 5; look++) expect(limits.isOver(ALICE, NOW_MS)).to.equal(0)
    limits.admit(ALICE, 2, NOW_MS)
    for (let look = 0; look < 5; look++) expect(limits.isOver(ALICE, NOW_MS)).to.equal(30_000)
    expect(limits.isOver(BOB, NOW_MS)).to.equal(0)
  })

  it('admit 1 of 33 clicks unlimited when clients want half of the places', () => {
    const { memory, limits } = newLimits(60)
    const clientsAtOnce = memory.limitCount / 2
    const words = new Int32Array(2)
    let unlimited = 0
    // Each client is charged for a second. In the third one, as many come as are forgotten.
    for (let client = 0; client < 3 * clientsAtOnce; client++) {
      randomFillSync(words)
      const key = { high: words[0]!, low: words[1]! }
      const nowMs = NOW_MS + (client * 1000) / clientsAtOnce
      if (limits.admit(key, 1, nowMs) === UNLIMITED && client >= 2 * clientsAtOnce) unlimited++
    }
    expect(clientsAtOnce / unlimited).to.be.within(27, 41)
  })

  it('admit everybody who finds a bucket full', () => {
    const { limits } = newLimits(1)
    for (let client = 1; client <= LIMITS_PER_BUCKET; client++)
      expect(limits.admit({ high: client << 8, low: 0 }, 1, NOW_MS)).to.equal(0)
    for (let click = 0; click < 3; click++)
      expect(limits.admit({ high: 99 << 8, low: 0 }, 1, NOW_MS)).to.equal(UNLIMITED)
    expect(limits.isOver({ high: 99 << 8, low: 0 }, NOW_MS)).to.equal(0)
    expect(limits.admit({ high: 1 << 8, low: 0 }, 1, NOW_MS)).to.equal(MINUTE_MS)
    expect(limits.admit({ high: 99 << 8, low: 0 }, 1, NOW_MS + MINUTE_MS)).to.equal(0)
  })
})

describe('ClickLimits, beside a plain model', () => {
  const steps = fc.array(
    fc.record({
      client: fc.integer({ min: 1, max: 3 }),
      clicks: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 })),
      passedMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: 0, max: 200_000 }),
      ),
    }),
    { maxLength: 100 },
  )

  it('admit and refuse the same, and say how long to wait', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 60, 600, 60_000), steps, (clicksPerMinute, sequence) => {
        const { limits } = newLimits(clicksPerMinute)
        const arrivals = new Map<number, number>()
        const msPerClick = MINUTE_MS / clicksPerMinute
        let nowMs = NOW_MS
        for (const { client, clicks, passedMs } of sequence) {
          nowMs += passedMs
          const key = { high: client << 8, low: 99 }
          const arrival = Math.max(nowMs, arrivals.get(client) ?? 0)
          const beyondMs = arrival + clicks * msPerClick - nowMs - MINUTE_MS
          const overMs = Math.max(0, arrival + msPerClick - nowMs - MINUTE_MS)
          expect(limits.isOver(key, nowMs)).to.equal(Math.ceil(overMs))
          expect(limits.admit(key, clicks, nowMs)).to.equal(Math.max(0, Math.ceil(beyondMs)))
          if (beyondMs <= 0) arrivals.set(client, arrival + clicks * msPerClick)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('ClickLimits, when the clock is put back', () => {
  for (const backMs of [1, 999, 30_000, 3_600_000, 30 * 86_400_000])
    it(`lock nobody out for longer than a minute and a second after ${backMs} ms`, () => {
      for (const clicksPerMinute of [1, 60]) {
        const { limits } = newLimits(clicksPerMinute)
        limits.admit(ALICE, clicksPerMinute, NOW_MS)
        const waitMs = limits.admit(ALICE, 1, NOW_MS - backMs)
        expect(waitMs).to.be.at.most(MINUTE_MS)
        expect(limits.admit(ALICE, 1, NOW_MS - backMs + MINUTE_MS + 1000)).to.equal(0)
      }
    })

  it('go on limiting when two threads differ by less than a second', () => {
    const { limits } = newLimits(60)
    let admitted = 0
    for (let click = 0; click < 600; click++)
      if (limits.admit(ALICE, 1, NOW_MS - 500 * (click % 2)) === 0) admitted++
    expect(admitted).to.equal(60)
  })
})

describe('ClickLimits, with two threads at once', () => {
  it('find the charge of the other one', () => {
    const { memory, limits } = newLimits(10)
    const other = new ClickLimits(memory, 10)
    beforeOperation(
      'compareExchange',
      () => other.admit(ALICE, 10, NOW_MS),
      () => expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(6000),
    )
  })

  it('admit as many clicks together as one would', async () => {
    const { memory } = newLimits(20_000)
    const barrier = Barrier.for(2)
    const threads = [0, 1].map(() =>
      startWorker<number>(new URL('./admitted-thread.ts', import.meta.url), {
        memory: memory.handle,
        barrier: barrier.handle,
        clicksPerMinute: 20_000,
        key: ALICE,
        nowMs: NOW_MS,
      } satisfies AdmittedThreadData),
    )
    const admitted = await Promise.all(threads.map(thread => thread.result))
    await Promise.all(threads.map(thread => thread.end()))
    expect(admitted[0]! + admitted[1]!).to.equal(20_000)
    // Otherwise they did not come at once.
    expect(Math.min(...admitted)).to.be.above(0)
  })
})

function newLimits(clicksPerMinute: number) {
  const memory = SharedMemory.create({
    threadCount: 1,
    maxBanners: 1,
    clientClicksPerMinute: clicksPerMinute,
  })
  return { memory, limits: new ClickLimits(memory, clicksPerMinute) }
}
