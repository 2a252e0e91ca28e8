import { expect } from 'chai'
import { BUCKET_TOPS_MS, Durations, readDurations } from '../../lib/books/durations.ts'
import { DURATION_BUCKETS } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

describe('durations', () => {
  it('have a bucket in shared memory for each top, ascending, the last one without end', () => {
    expect(BUCKET_TOPS_MS).to.have.length(DURATION_BUCKETS)
    expect(BUCKET_TOPS_MS.toSorted((a, b) => a - b)).to.deep.equal(BUCKET_TOPS_MS)
    expect(BUCKET_TOPS_MS.at(-1)).to.equal(Number.POSITIVE_INFINITY)
  })

  it('fall into the bucket whose top they do not pass', () => {
    const { memory, durations, indices } = newDurations()
    const each = BUCKET_TOPS_MS.slice(0, -1)
    for (const topMs of each) {
      durations[0]!.add(topMs)
      durations[0]!.add(topMs * 1.001)
    }
    const { counts, sumMs } = readDurations(memory, indices)
    expect(counts).to.deep.equal([1, ...each.slice(1).map(() => 2), 1])
    expect(sumMs).to.be.closeTo(
      each.reduce((sum, topMs) => sum + topMs * 2.001, 0),
      1e-6,
    )
  })

  it('of no time, or beyond all measure, are at the ends', () => {
    const { memory, durations, indices } = newDurations()
    for (const ms of [0, 1e9, 1e9]) durations[0]!.add(ms)
    const { counts } = readDurations(memory, indices)
    expect([counts[0], counts.at(-1)]).to.deep.equal([1, 2])
  })

  it('are those of all threads together, and go on when a thread is followed by another', () => {
    const { memory, durations, indices } = newDurations()
    durations[0]!.add(3)
    durations[1]!.add(3)
    new Durations(memory, indices[1]!).add(4)
    expect(readDurations(memory, indices)).to.deep.include({ sumMs: 10 })
    expect(readDurations(memory, [indices[1]!]).counts[BUCKET_TOPS_MS.indexOf(5)]).to.equal(2)
    expect(readDurations(memory, [memory.flushDurationsIndex]).sumMs).to.equal(0)
  })
})

function newDurations() {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners: 1 })
  const indices = [memory.answerDurationsIndex(0, 'counting'), memory.answerDurationsIndex(1, 'counting')]
  return { memory, indices, durations: indices.map(index => new Durations(memory, index)) }
}
