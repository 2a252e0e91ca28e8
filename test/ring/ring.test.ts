import { expect } from 'chai'
import fc from 'fast-check'
import { HALF_COUNT, MAX_SLOT_CLICKS, MINUTES_PER_HALF, PART } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { ADDED, ADDED_NEARLY_FULL, FULL, Ring } from '../../lib/ring/ring.ts'
import { BOT, CLICK_CLASSES, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { rowsOf } from '../support/rows.ts'
import { type Command, commands, RegisteredBanners, RingModel } from './model.ts'

const MINUTE = 28_900_000

describe('ring', () => {
  it('answers, and holds, what a plain map would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), commands, (maxBanners, sequence) => {
        const registered = new RegisteredBanners()
        const ring = newRing(maxBanners, registered)
        const model = new RingModel(maxBanners, registered)
        for (const command of sequence) {
          apply(command, ring, model, registered)
          for (let half = 0; half < HALF_COUNT; half++) {
            expect(rowsOf(ring.rows(half)), `half ${half}`).to.deep.equal(model.rows(half))
            expect(ring.slotsUsed(half), `slots used of half ${half}`).to.equal(model.slotsUsed(half))
            const byUnknown = ring.slotsUsedByUnknown(half)
            expect(byUnknown, 'of these, by unknown banners').to.equal(model.slotsUsedByUnknown(half))
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it("takes a minute's full number of banners, and not one more", () => {
    const ring = newRing(1000)
    for (let bannerId = 1; bannerId <= 1000; bannerId++)
      expect(ring.add(0, MINUTE, bannerId, VALID, 1)).to.equal(bannerId < 750 ? ADDED : ADDED_NEARLY_FULL)
    const before = rowsOf(ring.rows(0))
    expect(ring.add(0, MINUTE, 1001, VALID, 1)).to.equal(FULL)
    expect(rowsOf(ring.rows(0))).to.deep.equal(before)
    expect(ring.add(0, MINUTE, 1000, VALID, 1), 'a banner that has its slot').to.equal(ADDED_NEARLY_FULL)
    expect(ring.add(0, MINUTE + 1, 1001, VALID, 1), 'another minute').to.equal(ADDED)
    expect(ring.add(1, MINUTE, 1001, VALID, 1), 'the other half').to.equal(ADDED)
  })

  it('takes as many minutes as a half has parts, whichever they are, and not one more', () => {
    const ring = newRing(10)
    const minutes = [2 ** 31 - 1, 1, MINUTE, MINUTE + MINUTES_PER_HALF]
    for (const minute of minutes) expect(ring.add(1, minute, 7, VALID, 1)).to.equal(ADDED)
    expect(ring.add(1, MINUTE + 1, 7, VALID, 1)).to.equal(FULL)
    for (const minute of minutes) expect(ring.add(1, minute, 7, VALID, 1)).to.equal(ADDED)
    expect(rowsOf(ring.rows(1)).map(([, minute]) => minute)).to.deep.equal(minutes.toSorted((a, b) => a - b))
    expect(ring.rows(0).bannerIds.length).to.equal(0)
  })

  it('uses the same memory minute after minute', () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
    const ring = new Ring(memory)
    for (let minute = MINUTE; minute < MINUTE + 2 * MINUTES_PER_HALF; minute++) {
      ring.add(0, minute, 7, VALID, 1)
      expect(memory.i32[memory.partIndex(0, 0) + PART.minute]).to.equal(minute)
      ring.clear(0)
    }
  })

  it('refuses what would pass 2^31 − 1 of one class in one slot, exactly', () => {
    const ring = newRing(10)
    const slot = (clicks: number) => ring.add(0, MINUTE, 5, BOT, clicks)
    ring.add(0, MINUTE, 5, VALID, 1)
    ring.add(0, MINUTE, 5, DUPLICATE, MAX_SLOT_CLICKS)
    ring.add(0, MINUTE, 4, VALID, 44)
    ring.add(0, MINUTE, 6, VALID, 66)
    expect(slot(MAX_SLOT_CLICKS - 2)).to.equal(ADDED)
    expect(slot(3)).to.equal(FULL)
    expect(slot(MAX_SLOT_CLICKS)).to.equal(FULL)
    expect(slot(1)).to.equal(ADDED_NEARLY_FULL)
    expect(slot(2)).to.equal(FULL)
    expect(slot(1)).to.equal(ADDED_NEARLY_FULL)
    expect(slot(1)).to.equal(FULL)
    expect(rowsOf(ring.rows(0))).to.deep.equal([
      [4, MINUTE, 44],
      [5, MINUTE, 1, MAX_SLOT_CLICKS, MAX_SLOT_CLICKS],
      [6, MINUTE, 66],
    ])
  })

  it('asks for an early flip when a slot is past its middle', () => {
    const ring = newRing(10)
    expect(ring.add(0, MINUTE, 5, VALID, 2 ** 30)).to.equal(ADDED)
    expect(ring.add(0, MINUTE, 5, VALID, 1)).to.equal(ADDED_NEARLY_FULL)
  })

  it('has a row for a slot that holds no valid click, but others', () => {
    const ring = newRing(10)
    ring.add(0, MINUTE, 5, DUPLICATE, 2)
    ring.add(0, MINUTE, 6, BOT, 3)
    expect(rowsOf(ring.rows(0))).to.deep.equal([
      [5, MINUTE, 0, 0, 2],
      [6, MINUTE, 0, 3],
    ])
  })

  it('takes back clicks of the class that it is told, and of no other', () => {
    const ring = newRing(10)
    for (const clickClass of CLICK_CLASSES) ring.add(0, MINUTE, 5, clickClass, 10 + clickClass)
    ring.takeBack(0, MINUTE, 5, BOT, 11)
    expect(rowsOf(ring.rows(0))).to.deep.equal([[5, MINUTE, 10, 0, 12]])
  })

  it('leaves a slot whose only add was refused out of the rows', () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
    const ring = new Ring(memory)
    ring.add(0, MINUTE, 5, VALID, 1)
    ring.add(0, MINUTE, 6, VALID, 1)
    // As an add that is between claiming its slot and counting.
    memory.i32[memory.i32.indexOf(5, memory.partIndex(0, 0)) + 1] = 0
    expect(rowsOf(ring.rows(0))).to.deep.equal([[6, MINUTE, 1]])
  })

  it('tells the full width of a slot, a banner and a minute from end to end', () => {
    const ring = newRing(4)
    const most = 2 ** 31 - 1
    for (const clickClass of CLICK_CLASSES) ring.add(0, most, most, clickClass, most)
    expect(rowsOf(ring.rows(0))).to.deep.equal([[most, most, most, most, most]])
  })

  it('finds every banner where ids are as far apart as the table is wide', () => {
    const ring = newRing(1000)
    const ids = Array.from({ length: 1000 }, (_, nth) => 1 + nth * 2 ** 21)
    for (const bannerId of ids) expect(ring.add(0, MINUTE, bannerId, VALID, 3)).to.not.equal(FULL)
    expect(rowsOf(ring.rows(0))).to.deep.equal(ids.map(bannerId => [bannerId, MINUTE, 3]))
  })

  for (const diesAfter of ['nothing', 'half of a part', 'the first part', 'the slots of all parts'])
    it(`is emptied by a second clear when the first one died after ${diesAfter}`, () => {
      const memory = SharedMemory.create({ threadCount: 1, maxBanners: 100 })
      const ring = new Ring(memory)
      fill(ring)
      const words = (half: number) =>
        memory.i32.subarray(memory.partIndex(half, 0), memory.partIndex(half + 1, 0))
      const otherHalf = words(1).slice()
      expect(() => new Ring(dyingDuringClear(memory, diesAfter)).clear(0)).to.throw('died')
      ring.clear(0)
      expect(words(0).every(word => word === 0)).to.equal(true)
      expect(words(1), 'the other half').to.deep.equal(otherHalf)
    })
})

function newRing(maxBanners: number, registered?: RegisteredBanners): Ring {
  return new Ring(SharedMemory.create({ threadCount: 1, maxBanners }), registered)
}

function apply(command: Command, ring: Ring, model: RingModel, registered: RegisteredBanners): void {
  switch (command.kind) {
    case 'register':
      registered.ids.add(command.bannerId)
      return
    case 'remove':
      registered.ids.delete(command.bannerId)
      return
    case 'clear':
      ring.clear(command.half)
      model.clear(command.half)
      return
    case 'add': {
      const { half, minute, bannerId, clickClass, clicks } = command
      const expected = model.add(half, minute, bannerId, clickClass, clicks)
      expect(ring.add(half, minute, bannerId, clickClass, clicks), JSON.stringify(command)).to.equal(expected)
    }
  }
}

/** Both halves, all minutes. */
function fill(ring: Ring): void {
  for (let half = 0; half < HALF_COUNT; half++)
    for (let minute = MINUTE; minute < MINUTE + MINUTES_PER_HALF; minute++)
      for (let bannerId = 1; bannerId <= 100; bannerId++) ring.add(half, minute, bannerId, VALID, bannerId)
}

/** The same memory, to a thread that dies in the middle of clearing it. */
function dyingDuringClear(memory: SharedMemory, diesAfter: string): SharedMemory {
  const dying = new SharedMemory(memory.handle)
  let fills = 0
  dying.i32.fill = (value, start, end) => {
    fills++
    if (diesAfter === 'nothing') throw new Error('died')
    if (diesAfter === 'half of a part') {
      memory.i32.fill(value, start, (start! + end!) / 2)
      throw new Error('died')
    }
    memory.i32.fill(value, start, end)
    const isLast = fills === (diesAfter === 'the first part' ? 1 : MINUTES_PER_HALF)
    if (isLast) throw new Error('died')
    return dying.i32
  }
  return dying
}
