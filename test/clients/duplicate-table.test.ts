import { expect } from 'chai'
import { DuplicateTable, KNOWN, NO_PLACE } from '../../lib/clients/duplicate-table.ts'
import { NOTES_PER_BUCKET } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

const NOW_MS = Date.parse('2026-11-28T12:00:00Z')
const ALICE = { high: 0x12345678, low: 0x0abcdef0 }
const BOB = { high: -0x12345678, low: 0x0abcdef1 }

describe('DuplicateTable', () => {
  it('knows a note of the same client and banner, in all threads', () => {
    const { table, memory } = newTable(10_000)
    expect(table.note(ALICE, null, 1, NOW_MS)).to.be.at.least(0)
    const other = new DuplicateTable(new SharedMemory(structuredClone(memory.handle)), 10_000)
    expect(other.note(ALICE, null, 1, NOW_MS)).to.equal(KNOWN)
    expect(other.note(ALICE, null, 2, NOW_MS)).to.be.at.least(0)
    expect(table.note(BOB, null, 1, NOW_MS)).to.be.at.least(0)
    expect(table.note(ALICE, null, 2, NOW_MS)).to.equal(KNOWN)
  })

  for (const seconds of [1, 10, 60])
    it(`knows it for 63/64 of ${seconds} s, and never for longer than that window`, () => {
      const windowMs = 1000 * seconds
      const { table } = newTable(windowMs)
      for (let banner = 1; banner <= 64; banner++) {
        const atMs = NOW_MS + Math.floor((banner * windowMs) / 640)
        table.note(ALICE, null, banner, atMs)
        expect(table.note(ALICE, null, banner, atMs + Math.floor((windowMs * 63) / 64))).to.equal(KNOWN)
        expect(table.note(ALICE, null, banner, atMs + windowMs)).to.be.at.least(0)
      }
    })

  it('does not prolong the window of a client who clicks on', () => {
    const { table } = newTable(1000)
    const valid: number[] = []
    for (let afterMs = 0; afterMs < 5000; afterMs += 10) {
      if (table.note(ALICE, null, 1, NOW_MS + afterMs) !== KNOWN) valid.push(afterMs)
      if (afterMs % 1000 === 990) table.sweep(NOW_MS + afterMs)
    }
    expect(valid).to.deep.equal([0, 1000, 2000, 3000, 4000])
  })

  it('knows a note under the key before', () => {
    const { table } = newTable(1000)
    table.note(ALICE, null, 1, NOW_MS)
    expect(table.note(BOB, ALICE, 1, NOW_MS + 500)).to.equal(KNOWN)
    expect(table.note(BOB, ALICE, 2, NOW_MS + 500)).to.be.at.least(0)
    expect(table.note(BOB, ALICE, 1, NOW_MS + 1000)).to.be.at.least(0)
  })

  it('forgets what is taken back, and nothing else', () => {
    const { table } = newTable(1000)
    const place = table.note(ALICE, null, 1, NOW_MS)
    const word = table.notedWord
    table.note(BOB, null, 1, NOW_MS)
    table.takeBack(place, word)
    expect(table.note(BOB, null, 1, NOW_MS)).to.equal(KNOWN)
    expect(table.note(ALICE, null, 1, NOW_MS + 500)).to.be.at.least(0)
    // Too late: another note is there.
    table.takeBack(place, word)
    expect(table.note(ALICE, null, 1, NOW_MS + 500)).to.equal(KNOWN)
  })

  it('has no place in a full bucket, until its notes are over', () => {
    const { table, memory } = newTable(1000)
    const first = table.note(ALICE, null, 1, NOW_MS)
    const bucket = memory.notesIndex + Math.floor(first / NOTES_PER_BUCKET) * NOTES_PER_BUCKET
    const other = (table.notedWord & 0xff) | 0x777700
    for (let index = bucket; index < bucket + NOTES_PER_BUCKET; index++) memory.i32[index] = other
    expect(table.note(ALICE, null, 1, NOW_MS)).to.equal(NO_PLACE)
    expect(table.note(ALICE, null, 1, NOW_MS + 1000)).to.be.at.least(0)
    expect(table.note(ALICE, null, 1, NOW_MS + 1000)).to.equal(KNOWN)
  })

  it('has no place before the first sweep', () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1, duplicateWindowMs: 1000 })
    expect(new DuplicateTable(memory, 1000).note(ALICE, null, 1, NOW_MS)).to.equal(NO_PLACE)
  })
})

function newTable(windowMs: number) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1, duplicateWindowMs: windowMs })
  const table = new DuplicateTable(memory, windowMs)
  table.sweep(NOW_MS)
  return { memory, table }
}
