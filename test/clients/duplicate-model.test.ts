import { expect } from 'chai'
import fc from 'fast-check'
import { halfSipHash } from '../../lib/base/half-sip-hash.ts'
import { DuplicateTable, KNOWN, NO_PLACE } from '../../lib/clients/duplicate-table.ts'
import { Salts } from '../../lib/clients/salts.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

const NOW_MS = Date.parse('2026-11-28T12:00:00Z')
const ALICE = halfSipHash('alice', 1, 2)

/** Clicks of few clients on few banners, and what happens between them. Main looks once a second. */
const steps = fc.array(
  fc.record({
    client: fc.integer({ min: 0, max: 3 }),
    banner: fc.integer({ min: 1, max: 3 }),
    /** In 64ths of a window, so that edges are met, and a second at most. */
    quanta: fc.oneof(fc.constantFrom(0, 1, 31, 32, 63, 64), fc.integer({ min: 0, max: 64 })),
    extraMs: fc.integer({ min: 0, max: 20 }),
    isTakenBack: fc.boolean(),
  }),
  { minLength: 20, maxLength: 60 },
)

describe('DuplicateTable, beside a plain model', () => {
  it('knows the same notes, whatever comes after what, over many times its time span', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 10, 60), steps, (seconds, sequence) => {
        const windowMs = 1000 * seconds
        const { table } = newTable(windowMs)
        const model = new Map<string, number>()
        let nowMs = NOW_MS
        for (const { client, banner, quanta, extraMs, isTakenBack } of sequence) {
          nowMs = passTime(table, nowMs, Math.floor((quanta * windowMs) / 64) + extraMs)
          const quantum = Math.floor((nowMs * 64) / windowMs)
          const name = `${client} ${banner}`
          const place = table.note(halfSipHash(`${client}`, 1, 2), null, banner, nowMs)
          const isKnown = quantum - (model.get(name) ?? Number.NEGATIVE_INFINITY) < 64
          expect(place === KNOWN, `${name} at ${nowMs - NOW_MS} ms`).to.equal(isKnown)
          expect(place).to.not.equal(NO_PLACE)
          if (isKnown) continue
          if (isTakenBack) table.takeBack(place, table.notedWord)
          else model.set(name, quantum)
        }
      }),
      { numRuns: 30 },
    )
  }).timeout(20_000)

  for (const [title, clicks, textOf, bannerOf] of [
    ['of one banner by many clients', 2_000_000, (click: number) => `2001:db8:${click}::`, () => 7],
    [
      'of many banners by few clients',
      3_000_000,
      (click: number) => `192.0.2.${click % 10}`,
      (click: number) => 1 + click,
    ],
  ] as const)
    it(`takes less than one in a million clicks ${title} for a duplicate, at 20 000 clicks a second`, () => {
      const { table } = newTable(1000)
      let known = 0
      let withoutPlace = 0
      let missed = 0
      for (let click = 0; click < clicks; click++) {
        const nowMs = NOW_MS + click / 20
        if (click % 20_000 === 0) table.sweep(nowMs)
        const key = halfSipHash(textOf(click), 9, 8)
        const place = table.note(key, null, bannerOf(click), nowMs)
        if (place === KNOWN) known++
        else if (place === NO_PLACE) withoutPlace++
        else if (click % 64 === 0 && table.note(key, null, bannerOf(click), nowMs) !== KNOWN) missed++
      }
      expect(known).to.be.below(clicks / 1e6)
      expect(withoutPlace).to.be.below(clicks / 10_000)
      expect(missed).to.equal(0)
    }).timeout(20_000)

  it('takes one in a million clicks for a duplicate, and notes none, in a bucket that is full', () => {
    const { table } = newTable(1000)
    // The lower half of the key says which bucket, and the upper one which tag.
    const keyOf = (click: number) => ({ high: Math.imul(click, 0x9e3779b1), low: 99 })
    for (let click = 0; click < 16; click++)
      expect(table.note(keyOf(click), null, 1, NOW_MS)).to.be.at.least(0)
    const places = new Map<number, number>()
    for (let click = 16; click < 4_000_016; click++) {
      const place = table.note(keyOf(click), null, 1, NOW_MS)
      places.set(place, (places.get(place) ?? 0) + 1)
    }
    expect([...places.keys()].every(place => place === KNOWN || place === NO_PLACE)).to.equal(true)
    expect(places.get(KNOWN) ?? 0).to.be.below(2 * 4)
  }).timeout(20_000)
})

describe('DuplicateTable, when the clock jumps or the process sleeps', () => {
  it('calls no click a duplicate but within the window, or within 1/8 of it behind a clock put back', () => {
    const { table } = newTable(1000)
    const near = Array.from({ length: 300 }, (_, index) => index - 30)
    const far = Array.from({ length: 200 }, (_, index) => 16 * (index - 100) + (index % 16))
    let startMs = NOW_MS
    for (const quanta of [...near, ...far]) {
      startMs += 1e9
      table.sweep(startMs)
      table.note(ALICE, null, 1, startMs)
      const thenMs = startMs + Math.ceil((quanta * 1000) / 64)
      const isWithin = quanta >= -8 && quanta < 64
      const place = table.note(ALICE, null, 1, thenMs)
      expect(place === KNOWN, `${quanta} quanta later, before main looks`).to.equal(isWithin)
      // Ahead of a sweep that began later, or long after it, nobody knows how old a note is.
      expect(place === NO_PLACE, `${quanta} quanta later`).to.equal(quanta < -8 || quanta >= 184)
      if (place >= 0) table.takeBack(place, table.notedWord)
      table.sweep(thenMs)
      expect(table.note(ALICE, null, 1, thenMs) === KNOWN, `${quanta} quanta later, after`).to.equal(isWithin)
      expect(table.note(ALICE, null, 1, thenMs)).to.equal(KNOWN)
      expect(table.note(ALICE, null, 1, thenMs + 1125)).to.be.at.least(0)
    }
  })

  it('goes by notes while main is late by most of two windows, and never by those that are over', () => {
    const { table } = newTable(1000)
    for (let lateMs = 0; lateMs <= 2800; lateMs += 100) {
      const startMs = NOW_MS + 10_000 * lateMs
      table.sweep(startMs)
      expect(table.note(ALICE, null, 1, startMs)).to.be.at.least(0)
      expect(table.note(ALICE, null, 1, startMs + lateMs) === KNOWN).to.equal(lateMs < 1000)
    }
  })

  it('goes on sweeping round by round with a large table', () => {
    const { table, memory } = newTable(60_000)
    table.note(ALICE, null, 1, NOW_MS)
    for (let second = 0; second <= 120; second++) table.sweep(NOW_MS + 1000 * second)
    const notes = memory.i32.subarray(memory.notesIndex, memory.notesIndex + memory.noteCount)
    expect(notes.every(word => word === 0)).to.equal(true)
  })
})

describe('DuplicateTable, at the change of salts', () => {
  it('knows the first half of a double click across midnight UTC', () => {
    const midnightMs = Date.parse('2026-11-29T00:00:00Z')
    const { table, memory } = newTable(1000)
    const salts = new Salts(memory)
    const click = (nowMs: number) => {
      table.sweep(nowMs)
      salts.rotate(nowMs, nowMs)
      return table.note(salts.keyOf('192.0.2.1 a'), salts.previousKeyOf('192.0.2.1 a', nowMs), 1, nowMs)
    }
    expect(click(midnightMs - 86_000_000)).to.be.at.least(0)
    expect(click(midnightMs - 200)).to.be.at.least(0)
    expect(salts.edition).to.equal(1)
    expect(click(midnightMs + 200)).to.equal(KNOWN)
    expect(salts.edition).to.equal(2)
    expect(click(midnightMs + 801)).to.be.at.least(0)
    expect(click(midnightMs + 900)).to.equal(KNOWN)
  })
})

/** Lets so much time pass, with a look of main in each second. */
function passTime(table: DuplicateTable, nowMs: number, passedMs: number): number {
  const endMs = nowMs + passedMs
  for (let second = Math.floor(nowMs / 1000) + 1; second * 1000 <= endMs; second++) table.sweep(second * 1000)
  return endMs
}

/** The size of the table has nothing to do with the window here. */
function newTable(windowMs: number) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1, duplicateWindowMs: 1000 })
  const table = new DuplicateTable(memory, windowMs)
  table.sweep(NOW_MS)
  return { memory, table }
}
