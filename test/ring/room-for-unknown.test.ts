import { expect } from 'chai'
import fc from 'fast-check'
import { CONTROL } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { ADDED, ADDED_NEARLY_FULL, FULL, Ring } from '../../lib/ring/ring.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { beforeEachOperation, beforeOperation } from '../support/atomics.ts'
import { rowsOf } from '../support/rows.ts'
import { RegisteredBanners } from './model.ts'

const MINUTE = 28_900_000
/** Ids from here on are registered by no test. */
const UNKNOWN = 2_000_000_000

describe('ring, room for banners that nobody registered', () => {
  for (const [maxBanners, registered, room] of [
    [1, 0, 1],
    [1, 1, 1],
    [1, 9, 1],
    [2, 1, 1],
    [3, 3, 1],
    [4, 3, 1],
    [100, 0, 100],
    [100, 1, 99],
    [100, 75, 25],
    [100, 76, 25],
    [131_072, 100_000, 32_768],
  ] as const)
    it(`is ${room} of ${maxBanners} slots when ${registered} banners are registered`, () => {
      const { ring } = newRings(maxBanners, registered)
      expect(ring.roomForUnknown).to.equal(room)
      for (let nth = 0; nth < room; nth++) expect(click(ring, UNKNOWN + nth)).to.not.equal(FULL)
      expect(click(ring, UNKNOWN + room)).to.equal(FULL)
      expect(click(ring, UNKNOWN), 'one that has its slot').to.not.equal(FULL)
      expect(ring.slotsUsedByUnknown(0)).to.equal(room)
      const left = Math.min(registered, maxBanners - room)
      for (let bannerId = 1; bannerId <= left; bannerId++) expect(click(ring, bannerId)).to.not.equal(FULL)
      expect(ring.slotsUsed(0)).to.equal(room + left)
    })

  it('is all that the registered ones leave, when those come first', () => {
    const { ring } = newRings(4, 9)
    for (let bannerId = 1; bannerId <= 4; bannerId++) expect(click(ring, bannerId)).to.not.equal(FULL)
    expect(click(ring, UNKNOWN)).to.equal(FULL)
    expect(ring.slotsUsedByUnknown(0), 'a place that was given back').to.equal(0)
  })

  it('asks who is registered when a slot is claimed, and never for a slot that is claimed', () => {
    const asked: number[] = []
    const registered = { count: 1, has: (bannerId: number) => asked.push(bannerId) > 0 && bannerId === 1 }
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
    const ring = new Ring(memory, registered)
    const other = new Ring(memory, registered)
    for (const bannerId of [1, 1, 2, 2, 1]) click(ring, bannerId)
    other.addAll(0, MINUTE, VALID, Int32Array.of(1, 1, 2, 1))
    ring.takeBack(0, MINUTE, 2, VALID, 1)
    other.takeBackAll(0, MINUTE, VALID, Int32Array.of(1, 1, 2, 1))
    ring.rows(0)
    expect(asked).to.deep.equal([1, 2])
  })

  it('goes by who is registered at that moment, and leaves a banner its slot', () => {
    const { ring, registered } = newRings(4, 0)
    for (let nth = 0; nth < 4; nth++) click(ring, UNKNOWN + nth)
    registered.ids.add(1).add(UNKNOWN)
    expect(click(ring, 1), 'registered too late for this half').to.equal(FULL)
    for (let nth = 0; nth < 4; nth++) expect(click(ring, UNKNOWN + nth)).to.equal(ADDED_NEARLY_FULL)
    expect(ring.slotsUsedByUnknown(0)).to.equal(4)
    ring.clear(0)
    expect(ring.slotsUsedByUnknown(0)).to.equal(0)
    for (const bannerId of [UNKNOWN + 1, UNKNOWN + 2, 1, UNKNOWN])
      expect(click(ring, bannerId)).to.not.equal(FULL)
    expect(click(ring, UNKNOWN + 3)).to.equal(FULL)
    expect(ring.slotsUsedByUnknown(0)).to.equal(2)
  })

  it('is counted for each minute and half, and emptied with the half', () => {
    const { ring } = newRings(4, 3)
    for (const half of [0, 1])
      for (const minute of [MINUTE, MINUTE + 1]) {
        expect(ring.add(half, minute, UNKNOWN, VALID, 1)).to.equal(ADDED)
        expect(ring.add(half, minute, UNKNOWN + 1, VALID, 1)).to.equal(FULL)
      }
    ring.clear(0)
    expect([ring.slotsUsedByUnknown(0), ring.slotsUsedByUnknown(1)]).to.deep.equal([0, 1])
    expect(ring.add(0, MINUTE, UNKNOWN + 1, VALID, 1)).to.equal(ADDED)
  })

  it('holds for the banners of a bulk, which keep what they have claimed', () => {
    const { ring } = newRings(4, 3)
    expect(ring.addAll(0, MINUTE, VALID, Int32Array.of(1, 1, UNKNOWN, 1, UNKNOWN + 1, 1, 2, 1))).to.equal(
      FULL,
    )
    expect(rowsOf(ring.rows(0))).to.deep.equal([])
    expect([ring.slotsUsed(0), ring.slotsUsedByUnknown(0)]).to.deep.equal([2, 1])
    expect(ring.addAll(0, MINUTE, VALID, Int32Array.of(3, 1, 2, 1, 1, 1, UNKNOWN, 1))).to.equal(
      ADDED_NEARLY_FULL,
    )
  })

  describe('when another thread comes first', () => {
    it('gives both places back when the other one claimed the slot for the same banner', () => {
      const { ring, other } = newRings(4, 2)
      click(ring, 1)
      beforeOperation(
        'compareExchange',
        () => click(other, UNKNOWN),
        () => expect(click(ring, UNKNOWN)).to.equal(ADDED),
      )
      expect([ring.slotsUsed(0), ring.slotsUsedByUnknown(0)]).to.deep.equal([2, 1])
      expect(rowsOf(ring.rows(0))).to.deep.equal([
        [1, MINUTE, 1],
        [UNKNOWN, MINUTE, 2],
      ])
    })

    it('never keeps a registered banner out, wherever in between that one comes', () => {
      // The unknown banner that is claiming has a place, or finds that it has none.
      for (const unknownBefore of [0, 1])
        for (let step = 1; ; step++) {
          const { ring, other } = newRings(4, 3)
          for (let nth = 0; nth < unknownBefore; nth++) click(ring, UNKNOWN + 1 + nth)
          for (const bannerId of [1, 2]) click(ring, bannerId)
          const interrupted = atStep(
            step,
            () => expect(click(other, 3), `step ${step}, ${unknownBefore} before`).to.not.equal(FULL),
            () => click(ring, UNKNOWN),
          )
          if (!interrupted) break
          expect(ring.slotsUsed(0)).to.equal(4)
        }
    })

    it('gives back its place in the part before that among the unknown ones', () => {
      const { memory, ring, other } = newRings(4, 3)
      click(ring, 1)
      const [unknown, registered] = sameHome(memory.i32[CONTROL.hashSeed]!)
      let operations = 0
      beforeEachOperation(
        ['compareExchange', 'sub'],
        () => {
          operations++
          if (operations === 1) click(other, registered)
          if (operations !== 3) return
          click(other, UNKNOWN + 5)
          expect(click(other, 5 - registered), 'the last registered one').to.not.equal(FULL)
        },
        () => click(ring, unknown),
      )
      expect(operations).to.be.at.least(3)
    })

    it('holds however threads come in between each other', () => {
      const threads = fc.array(
        fc.record({
          bannerIds: fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), unknownId), {
            minLength: 1,
            maxLength: 4,
          }),
          comesAtStep: fc.integer({ min: 1, max: 12 }),
        }),
        { minLength: 2, maxLength: 5 },
      )
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 9 }), threads, (maxBanners, plan) => {
          const { memory, ring, registered } = newRings(maxBanners, 6)
          const room = registered.roomForOthers(maxBanners)
          const run = (nth: number) => {
            if (nth === plan.length) return
            const { bannerIds, comesAtStep } = plan[nth]!
            const thread = new Ring(new SharedMemory(memory.handle), registered)
            const clickAll = () => bannerIds.map(bannerId => [bannerId, click(thread, bannerId)] as const)
            const results: (readonly [number, number])[] = []
            atStep(
              comesAtStep,
              () => run(nth + 1),
              () => results.push(...clickAll()),
            )
            for (const [bannerId, result] of results) added(bannerId, result)
          }
          const clicks = new Map<number, number>()
          const added = (bannerId: number, result: number) => {
            if (result !== FULL) clicks.set(bannerId, (clicks.get(bannerId) ?? 0) + 1)
          }
          run(0)
          const rows = rowsOf(ring.rows(0))
          expect(rows.map(([bannerId, , count]) => [bannerId, count])).to.deep.equal(
            [...clicks].sort(([a], [b]) => a - b),
          )
          const unknown = rows.filter(([bannerId]) => bannerId >= UNKNOWN).length
          expect(unknown).to.be.at.most(room)
          // Nothing stays reserved that nobody has.
          expect(ring.slotsUsed(0)).to.equal(rows.length)
          expect(ring.slotsUsedByUnknown(0)).to.equal(unknown)
        }),
        { numRuns: 1000 },
      )
    })
  })

  it('counts what a dead thread had reserved until the half is cleared, and keeps no registered one out', () => {
    for (const [diesBefore, isReserved] of [
      ['add', false],
      ['compareExchange', true],
    ] as const) {
      const { ring, other } = newRings(4, 3)
      click(ring, 1)
      expect(() =>
        beforeOperation(
          diesBefore,
          () => {
            throw new Error('died')
          },
          () => click(other, UNKNOWN),
        ),
      ).to.throw('died')
      expect(ring.slotsUsedByUnknown(0)).to.equal(isReserved ? 1 : 0)
      expect(click(ring, UNKNOWN) === FULL).to.equal(isReserved)
      for (const bannerId of [2, 3]) expect(click(ring, bannerId)).to.not.equal(FULL)
      ring.clear(0)
      expect(ring.slotsUsedByUnknown(0)).to.equal(0)
      expect(click(ring, UNKNOWN)).to.not.equal(FULL)
    }
  })
})

const unknownId = fc.integer({ min: UNKNOWN, max: UNKNOWN + 4 })

/** Two threads' views of one ring, with banners from 1 on registered. */
function newRings(maxBanners: number, registeredCount: number) {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners })
  const registered = new RegisteredBanners(Array.from({ length: registeredCount }, (_, nth) => nth + 1))
  const ring = new Ring(memory, registered)
  return { memory, registered, ring, other: new Ring(new SharedMemory(memory.handle), registered) }
}

function click(ring: Ring, bannerId: number) {
  return ring.add(0, MINUTE, bannerId, VALID, 1)
}

/** Runs `run`, and `interrupt` once before the operation of that number in it. Whether it has so many. */
function atStep(step: number, interrupt: () => void, run: () => void): boolean {
  let steps = 0
  beforeEachOperation(
    ['add', 'compareExchange', 'load', 'sub'],
    () => {
      if (++steps === step) interrupt()
    },
    run,
  )
  return steps >= step
}

/** An unknown banner, and registered banner 2 or 3, whose probes begin at the same slot. */
function sameHome(seed: number): [unknown: number, registered: number] {
  const homeOf = (bannerId: number) => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 4 })
    memory.i32[CONTROL.hashSeed] = seed
    click(new Ring(memory), bannerId)
    return memory.i32.indexOf(bannerId, memory.slotsIndex(memory.partIndex(0, 0)))
  }
  for (let bannerId = UNKNOWN + 100; ; bannerId++) {
    const registered = [2, 3].find(id => homeOf(id) === homeOf(bannerId))
    if (registered !== undefined) return [bannerId, registered]
  }
}
