import { expect } from 'chai'
import fc from 'fast-check'
import {
  bucketOf,
  bucketTopUs,
  clicksPerSecond,
  type Latency,
  latencyQuantiles,
  ThreadWindows,
} from '../../lib/books/windows.ts'
import { LATENCY_BUCKETS, ROUTE_KINDS } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { grossOf } from '../../lib/rows/classes.ts'
import { validOnly } from '../support/balance.ts'

const NOW_MS = Date.parse('2024-12-12T10:00:30Z')
const LONG_AGO_MS = NOW_MS - 3_600_000
const MOST_US = 2 ** 26 - 1
/** A bucket's width over its smallest value. */
const PRECISION = 0.0625

describe('windows', () => {
  describe('of clicks', () => {
    it('tell the rate over the last ten whole seconds, of all threads', () => {
      const { memory, threads } = newWindows()
      for (let second = -20; second <= 0; second++) {
        threads[0]!.addClicks(NOW_MS + second * 1000, validOnly(3))
        threads[1]!.addClicks(NOW_MS + second * 1000 + 999, validOnly(4))
      }
      expect(grossOf(clicksPerSecond(memory, LONG_AGO_MS, NOW_MS))).to.equal(7)
    })

    it('tell the rate of each class, and start over for all of them together', () => {
      const { memory, threads } = newWindows()
      threads[0]!.addClicks(NOW_MS - 17_000, [100, 200, 300])
      threads[0]!.addClicks(NOW_MS - 1000, [10, 20, 0])
      threads[1]!.addClicks(NOW_MS - 2000, [0, 5, 30])
      expect(clicksPerSecond(memory, LONG_AGO_MS, NOW_MS)).to.deep.equal([1, 2.5, 3])
    })

    const ages: [ageSeconds: number, perSecond: number][] = [
      [-1, 0],
      [0, 0],
      [1, 5],
      [10, 5],
      [11, 0],
      [16, 0],
      [1_000_000, 0],
    ]
    for (const [ageSeconds, perSecond] of ages)
      it(`make ${perSecond} a second of 50 clicks that are ${ageSeconds} s old`, () => {
        const { memory, threads } = newWindows()
        threads[0]!.addClicks(NOW_MS - ageSeconds * 1000, validOnly(50))
        expect(grossOf(clicksPerSecond(memory, LONG_AGO_MS, NOW_MS))).to.equal(perSecond)
      })

    for (const [servedMs, perSecond] of [
      [1000, 12],
      [4500, 12],
      [9999, 12],
      [10_000, 12],
      [60_000, 12],
    ] as const)
      it(`tell ${perSecond} a second after ${servedMs / 1000} s of ${perSecond} a second`, () => {
        const { memory, threads } = newWindows()
        const startedAtMs = NOW_MS - servedMs
        // One every twelfth of a second, from the start on.
        for (let click = 0; (click * 1000) / 12 < servedMs; click++)
          threads[click % 2]!.addClicks(startedAtMs + (click * 1000) / 12, validOnly(1))
        expect(grossOf(clicksPerSecond(memory, startedAtMs, NOW_MS))).to.be.closeTo(perSecond, 0.3)
      })

    it('start over for the second that takes the place of an old one', () => {
      const { memory, threads } = newWindows()
      threads[0]!.addClicks(NOW_MS - 17_000, validOnly(1000))
      threads[0]!.addClicks(NOW_MS - 1000, validOnly(10))
      threads[0]!.addClicks(NOW_MS - 1000, validOnly(10))
      expect(grossOf(clicksPerSecond(memory, LONG_AGO_MS, NOW_MS))).to.equal(2)
    })

    it('go on after the clock was put back', () => {
      const { memory, threads } = newWindows()
      threads[0]!.addClicks(NOW_MS + 3_600_000, validOnly(1000))
      threads[0]!.addClicks(NOW_MS - 1000, validOnly(10))
      expect(grossOf(clicksPerSecond(memory, LONG_AGO_MS, NOW_MS))).to.equal(1)
    })

    it('outlast the second at which 32 bits end', () => {
      const { memory, threads } = newWindows()
      const nowMs = 2 ** 31 * 1000 + 60_000
      for (let click = 0; click < 20; click++) threads[0]!.addClicks(nowMs - 1000, validOnly(1))
      expect(grossOf(clicksPerSecond(memory, LONG_AGO_MS, nowMs))).to.equal(2)
    })
  })

  describe('of latencies', () => {
    const latencyMs = fc.oneof(
      fc.integer({ min: 1, max: MOST_US }).map(us => us / 1000),
      fc.integer({ min: 1, max: 5000 }).map(us => us / 1000),
    )

    it('tell quantiles that are at most one bucket too high', () => {
      const fractions = [0.01, 0.25, 0.5, 0.9, 0.99, 1]
      fc.assert(
        fc.property(fc.array(latencyMs, { minLength: 1, maxLength: 300 }), latencies => {
          const { memory, threads } = newWindows()
          latencies.forEach((latency, nth) => {
            threads[nth % 2]!.addLatency(NOW_MS - (nth % 60) * 1000, clickIn(latency))
          })
          const sorted = latencies.toSorted((a, b) => a - b)
          const told = latencyQuantiles(memory, 'counting', NOW_MS, fractions)
          fractions.forEach((fraction, nth) => {
            const exact = sorted[Math.ceil(fraction * sorted.length) - 1]!
            expect(told[nth], `at ${fraction}`).to.be.within(exact - 0.001, exact * (1 + PRECISION))
          })
        }),
        { numRuns: 200 },
      )
    })

    it('are those of one kind', () => {
      const { memory, threads } = newWindows()
      threads[0]!.addLatency(NOW_MS, clickIn(1))
      threads[1]!.addLatency(NOW_MS, { kind: 'watching', ms: 50 })
      const longest = ROUTE_KINDS.map(kind => latencyQuantiles(memory, kind, NOW_MS, [1])[0])
      expect(longest[0]).to.be.within(1, 1 + PRECISION)
      expect(longest[1]).to.equal(0)
      expect(longest[2]).to.be.within(50, 50 * (1 + PRECISION))
    })

    it('are 0 without requests', () => {
      expect(latencyQuantiles(newWindows().memory, 'counting', NOW_MS, [0.5, 0.99])).to.deep.equal([0, 0])
    })

    const ages: [ageMs: number, isTold: boolean][] = [
      [-10_000, false],
      [0, true],
      [59_999, true],
      [70_000, false],
      [3_600_000, false],
    ]
    for (const [ageMs, isTold] of ages)
      it(`${isTold ? 'tell' : 'leave out'} a latency that is ${ageMs / 1000} s old`, () => {
        const { memory, threads } = newWindows()
        threads[0]!.addLatency(NOW_MS - ageMs, clickIn(8))
        expect(latencyQuantiles(memory, 'counting', NOW_MS, [1])[0]! > 0).to.equal(isTold)
      })

    it('start over for the ten seconds that take the place of old ones', () => {
      const { memory, threads } = newWindows()
      threads[0]!.addLatency(NOW_MS - 70_000, clickIn(1000))
      threads[0]!.addLatency(NOW_MS, clickIn(8))
      expect(latencyQuantiles(memory, 'counting', NOW_MS, [1])[0]).to.be.within(8, 8 * (1 + PRECISION))
    })

    it('put what is beyond 67 s, or no time at all, at the ends', () => {
      const { memory, threads } = newWindows()
      for (const latency of [-1, 0, 1e9, Number.MAX_VALUE]) threads[0]!.addLatency(NOW_MS, clickIn(latency))
      expect(latencyQuantiles(memory, 'counting', NOW_MS, [0.5, 1])).to.deep.equal([0, MOST_US / 1000])
    })
  })

  describe('as buckets', () => {
    it('have their top as the last value before the next bucket', () => {
      const last = bucketOf(MOST_US)
      expect(last).to.be.below(LATENCY_BUCKETS)
      for (let bucket = 0; bucket <= last; bucket++) expect(bucketOf(bucketTopUs(bucket))).to.equal(bucket)
      for (let bucket = 0; bucket < last; bucket++)
        expect(bucketOf(bucketTopUs(bucket) + 1)).to.equal(bucket + 1)
    })

    it('are at most 6.25 % wide', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: MOST_US }), us => {
          expect(bucketTopUs(bucketOf(us))).to.be.within(us, us * (1 + PRECISION))
        }),
      )
    })
  })
})

function clickIn(ms: number): Latency {
  return { kind: 'counting', ms }
}

function newWindows() {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners: 1 })
  return { memory, threads: [new ThreadWindows(memory, 0), new ThreadWindows(memory, 1)] }
}
