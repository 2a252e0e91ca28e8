import { expect } from 'chai'
import { CONTROL, HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { ADDED, ADDED_NEARLY_FULL, FULL, Ring } from '../../lib/ring/ring.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { beforeOperation } from '../support/atomics.ts'
import { type Row, rowsOf } from '../support/rows.ts'

const MINUTE = 28_900_000

/** What another thread does at the worst moment, as that moment's operation is named in the code. */
describe('ring, when another thread comes first', () => {
  it('shares the part that the other one claimed for the same minute', () => {
    const { ring, other, rows } = newRings(10)
    beforeOperation(
      'compareExchange',
      () => other.add(0, MINUTE, 1, VALID, 5),
      () => {
        expect(ring.add(0, MINUTE, 1, VALID, 2)).to.equal(ADDED)
      },
    )
    expect(rows()).to.deep.equal([[1, MINUTE, 7]])
  })

  it('takes the next part when the other one claimed this one for another minute', () => {
    const { ring, other, rows } = newRings(10)
    beforeOperation(
      'compareExchange',
      () => other.add(0, MINUTE + 1, 1, VALID, 5),
      () => {
        expect(ring.add(0, MINUTE, 1, VALID, 2)).to.equal(ADDED)
      },
    )
    expect(rows()).to.deep.equal([
      [1, MINUTE, 2],
      [1, MINUTE + 1, 5],
    ])
  })

  it('shares the slot that the other one claimed for the same banner', () => {
    const { ring, other, rows } = newRings(10, MINUTE)
    beforeOperation(
      'compareExchange',
      () => other.add(0, MINUTE, 2, VALID, 5),
      () => {
        expect(ring.add(0, MINUTE, 2, VALID, 2)).to.equal(ADDED)
      },
    )
    expect(rows()).to.deep.equal([
      [1, MINUTE, 1],
      [2, MINUTE, 7],
    ])
    expect(ring.slotsUsed(0)).to.equal(2)
  })

  it('takes the next slot when the other one claimed this one for another banner', () => {
    const { memory, ring, other, rows } = newRings(10, MINUTE)
    const [bannerId, rivalId] = sameSlot(memory.i32[CONTROL.hashSeed]!)
    beforeOperation(
      'compareExchange',
      () => other.add(0, MINUTE, rivalId, VALID, 5),
      () => {
        expect(ring.add(0, MINUTE, bannerId, VALID, 2)).to.equal(ADDED)
      },
    )
    expect(rows()).to.have.deep.members([
      [1, MINUTE, 1],
      [bannerId, MINUTE, 2],
      [rivalId, MINUTE, 5],
    ])
    expect(ring.slotsUsed(0)).to.equal(3)
  })

  it('is full when the other one took the last place', () => {
    const { ring, other, rows } = newRings(2, MINUTE)
    beforeOperation(
      'add',
      () => other.add(0, MINUTE, 2, VALID, 5),
      () => {
        expect(ring.add(0, MINUTE, 3, VALID, 2)).to.equal(FULL)
      },
    )
    expect(rows()).to.deep.equal([
      [1, MINUTE, 1],
      [2, MINUTE, 5],
    ])
    expect(ring.slotsUsed(0)).to.equal(2)
  })

  it("is full for a slot that the other one's add has wrapped, until that is taken back", () => {
    const { ring, other, rows } = newRings(2, MINUTE)
    const most = 2 ** 31 - 1
    expect(ring.add(0, MINUTE, 2, VALID, most - 1)).to.equal(ADDED_NEARLY_FULL)
    beforeOperation(
      'sub',
      () => expect(other.add(0, MINUTE, 2, VALID, 1)).to.equal(FULL),
      () => {
        expect(ring.add(0, MINUTE, 2, VALID, most)).to.equal(FULL)
      },
    )
    expect(other.add(0, MINUTE, 2, VALID, 1)).to.equal(ADDED_NEARLY_FULL)
    expect(rows()).to.deep.equal([
      [1, MINUTE, 1],
      [2, MINUTE, most],
    ])
  })
})

/** Two threads' views of one ring, and what its half 0 holds. Banner 1 has a click in the minute, if one is given. */
function newRings(maxBanners: number, minute?: number) {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners })
  const ring = new Ring(memory)
  if (minute !== undefined) ring.add(0, minute, 1, VALID, 1)
  const rows = (): Row[] => rowsOf(ring.rows(0))
  return { memory, ring, other: new Ring(new SharedMemory(memory.handle)), rows }
}

/** Two banners whose probes begin at the same slot, and not at that of banner 1. */
function sameSlot(seed: number): [number, number] {
  const firstSlots = new Map<number, number>()
  for (let bannerId = 1; ; bannerId++) {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
    memory.i32[CONTROL.hashSeed] = seed
    new Ring(memory).add(HALF_COUNT - 1, MINUTE, bannerId, VALID, 1)
    const slot = memory.i32.indexOf(bannerId, memory.slotsIndex(memory.partIndex(HALF_COUNT - 1, 0)))
    const rivalId = firstSlots.get(slot)
    if (rivalId !== undefined && rivalId !== 1) return [bannerId, rivalId]
    if (rivalId === undefined) firstSlots.set(slot, bannerId)
  }
}
