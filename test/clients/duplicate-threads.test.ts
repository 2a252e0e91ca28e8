import { expect } from 'chai'
import { DuplicateTable, KNOWN } from '../../lib/clients/duplicate-table.ts'
import { NOTES_PER_BUCKET } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { beforeOperation } from '../support/atomics.ts'
import { Barrier, startWorker } from '../support/worker.ts'
import type { NotingResult, NotingThreadData } from './noting-thread.ts'

const WINDOW_MS = 1000
const NOW_MS = Date.parse('2026-11-28T12:00:00Z')
const ALICE = { high: 0x12345678, low: 0x0abcdef0 }

describe('DuplicateTable, when another thread comes first', () => {
  it('knows what the other one has noted in the word that was free', () => {
    const { table, other } = newTables()
    let place = 0
    beforeOperation(
      'compareExchange',
      () => {
        place = other.note(ALICE, null, 1, NOW_MS)
      },
      () => expect(table.note(ALICE, null, 1, NOW_MS)).to.equal(KNOWN),
    )
    expect(place).to.be.at.least(0)
  })

  for (const [title, ownShift, otherShift] of [
    ['ahead of it', 1, 0],
    ['behind it', 0, 1],
  ] as const)
    it(`takes its own note back when the other one has noted in a word ${title}`, () => {
      const { table, other, memory } = newTables()
      // A first note that is over for who is a quantum later, and in force for the other one.
      const bucket = bucketOf(table, memory)
      memory.i32[bucket] = 0x777700 | (Math.floor((NOW_MS * 64) / WINDOW_MS) & 0xff)
      const atMs = NOW_MS + (63 * WINDOW_MS) / 64
      const nextMs = NOW_MS + WINDOW_MS
      let place = 0
      beforeOperation(
        'compareExchange',
        () => {
          place = other.note(ALICE, null, 1, otherShift === 1 ? nextMs : atMs)
        },
        () => expect(table.note(ALICE, null, 1, ownShift === 1 ? nextMs : atMs)).to.equal(KNOWN),
      )
      expect(place).to.be.at.least(0)
      const words = [...memory.i32.subarray(bucket, bucket + NOTES_PER_BUCKET)]
      const own = other.notedWord & ~0xff
      expect(words.filter(word => (word & ~0xff) === own).length).to.equal(1)
    })
})

describe('DuplicateTable, with two threads at once', () => {
  it('has exactly one of two simultaneous clicks valid, also when they find different words free', async () => {
    const { memory, table } = newTables()
    const bucket = bucketOf(table, memory)
    const rounds = 3000
    const results = new SharedArrayBuffer(2 * rounds)
    const barrier = Barrier.for(2)
    const turns = new SharedArrayBuffer(4)
    const threads = [0, 1].map(index =>
      startWorker<NotingResult>(new URL('./noting-thread.ts', import.meta.url), {
        memory: memory.handle,
        barrier: barrier.handle,
        turns,
        results,
        index,
        rounds,
        bucket,
        nowMs: NOW_MS,
        windowMs: WINDOW_MS,
      } satisfies NotingThreadData),
    )
    const [first, second] = await Promise.all(threads.map(thread => thread.result))
    await Promise.all(threads.map(thread => thread.end()))
    const valid = new Uint8Array(results)
    for (let round = 0; round < rounds; round++)
      expect(valid[2 * round]! + valid[2 * round + 1]!, `valid clicks of round ${round}`).to.equal(1)
    expect(first!.valid + second!.valid).to.equal(rounds)
    // Otherwise they did not come at once.
    expect(Math.min(first!.valid, second!.valid)).to.be.above(0)
  }).timeout(20_000)
})

/** i32 index of the bucket of Alice and banner 1. */
function bucketOf(table: DuplicateTable, memory: SharedMemory): number {
  const place = table.note(ALICE, null, 1, NOW_MS)
  table.takeBack(place, table.notedWord)
  return memory.notesIndex + Math.floor(place / NOTES_PER_BUCKET) * NOTES_PER_BUCKET
}

function newTables() {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners: 1, duplicateWindowMs: WINDOW_MS })
  const table = new DuplicateTable(memory, WINDOW_MS)
  table.sweep(NOW_MS)
  return { memory, table, other: new DuplicateTable(memory, WINDOW_MS) }
}
