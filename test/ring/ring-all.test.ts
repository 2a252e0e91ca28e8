import { expect } from 'chai'
import fc from 'fast-check'
import { MAX_SLOT_CLICKS, MINUTES_PER_HALF } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { ADDED, ADDED_NEARLY_FULL, FULL, Ring } from '../../lib/ring/ring.ts'
import { BOT, CLICK_CLASSES, VALID } from '../../lib/rows/classes.ts'
import { rowOf, rowsOf } from '../support/rows.ts'
import { clickClass, RegisteredBanners } from './model.ts'

const MINUTE = 28_900_000

const bannerId = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(2 ** 31 - 1))
const clicks = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 5 }) },
  fc.constantFrom(2 ** 30, MAX_SLOT_CLICKS - 3, MAX_SLOT_CLICKS),
)
const bulk = fc.uniqueArray(fc.tuple(bannerId, clicks), {
  selector: ([id]) => id,
  minLength: 1,
  maxLength: 10,
})

describe('ring, many banners at once', () => {
  it('has all of them or none, and all whenever one after the other would find room', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 13 }),
        fc.array(bannerId),
        fc.array(fc.tuple(clickClass, bulk), { minLength: 1, maxLength: 12 }),
        (maxBanners, registeredIds, bulks) => {
          const registered = new RegisteredBanners(registeredIds)
          const ring = newRing(maxBanners, registered)
          const roomForUnknown = registered.roomForOthers(maxBanners)
          const expected = new Map<number, number[]>()
          // A slot stays claimed when its bulk is refused.
          const claimed = new Set<number>()
          for (const [clickClass, pairs] of bulks) {
            const hasSlots = pairs.every(([id]) => {
              const unknown = [...claimed].filter(claimedId => !registered.has(claimedId)).length
              const isPlaced = registered.has(id) || unknown < roomForUnknown
              if (isPlaced && claimed.size < maxBanners) claimed.add(id)
              return claimed.has(id)
            })
            const countsOf = (id: number) => expected.get(id) ?? CLICK_CLASSES.map(() => 0)
            const fits = pairs.every(([id, added]) => countsOf(id)[clickClass]! + added <= MAX_SLOT_CLICKS)
            const result = ring.addAll(0, MINUTE, clickClass, Int32Array.from(pairs.flat()))
            expect(result !== FULL).to.equal(hasSlots && fits)
            if (result !== FULL)
              for (const [id, added] of pairs)
                expected.set(id, countsOf(id).with(clickClass, countsOf(id)[clickClass]! + added))
            const rows = [...expected].map(([id, counts]) => rowOf(id, MINUTE, counts))
            expect(rowsOf(ring.rows(0))).to.deep.equal(rows.sort((a, b) => a[0] - b[0]))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('takes back exactly what it added when a slot would pass 2^31 − 1, wherever that slot comes', () => {
    for (const pairs of [
      [5, 4, 4, 2, 6, 1],
      [4, 2, 5, 4, 6, 1],
      [4, 2, 6, 1, 5, 4],
    ]) {
      const ring = newRing(10)
      ring.add(0, MINUTE, 4, VALID, 44)
      ring.add(0, MINUTE, 5, VALID, MAX_SLOT_CLICKS - 3)
      const before = rowsOf(ring.rows(0))
      expect(ring.addAll(0, MINUTE, VALID, Int32Array.from(pairs))).to.equal(FULL)
      expect(rowsOf(ring.rows(0))).to.deep.equal(before)
      expect(ring.addAll(0, MINUTE, VALID, Int32Array.from([4, 2, 5, 3, 6, 1]))).to.equal(ADDED_NEARLY_FULL)
      expect(rowsOf(ring.rows(0)).map(row => row[2])).to.deep.equal([46, MAX_SLOT_CLICKS, 1])
    }
  })

  it('says when room runs short, for slots and for clicks', () => {
    const ring = newRing(8)
    expect(ring.addAll(0, MINUTE, VALID, Int32Array.from([1, 1, 2, 2 ** 30, 3, 1]))).to.equal(ADDED)
    expect(ring.addAll(0, MINUTE, VALID, Int32Array.from([1, 1, 2, 1, 3, 1]))).to.equal(ADDED_NEARLY_FULL)
    expect(ring.addAll(1, MINUTE, VALID, Int32Array.from([1, 1, 2, 1, 3, 1, 4, 1, 5, 1]))).to.equal(ADDED)
    expect(ring.addAll(1, MINUTE, VALID, Int32Array.from([6, 1]))).to.equal(ADDED_NEARLY_FULL)
  })

  it('refuses a minute that the half has no part for', () => {
    const ring = newRing(8)
    for (let nth = 0; nth < MINUTES_PER_HALF; nth++) ring.add(0, MINUTE + nth, 1, VALID, 1)
    expect(ring.addAll(0, MINUTE + MINUTES_PER_HALF, VALID, Int32Array.from([1, 1]))).to.equal(FULL)
  })

  it('takes back all that it added, and nothing else, when it is asked to', () => {
    const ring = newRing(8)
    ring.addAll(0, MINUTE, VALID, Int32Array.from([1, 7, 2, 7]))
    const pairs = Int32Array.from([2, 5, 3, 6])
    ring.addAll(0, MINUTE, BOT, pairs)
    ring.takeBackAll(0, MINUTE, BOT, pairs)
    expect(rowsOf(ring.rows(0))).to.deep.equal([
      [1, MINUTE, 7],
      [2, MINUTE, 7],
    ])
  })
})

function newRing(maxBanners: number, registered?: RegisteredBanners): Ring {
  return new Ring(SharedMemory.create({ threadCount: 1, maxBanners }), registered)
}
