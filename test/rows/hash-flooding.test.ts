import { expect } from 'chai'
import { MAX_ENTRIES, sumUp } from '../../lib/ingest/bulk.ts'
import { encodeBatch } from '../../lib/journal/files/batch-file.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { newRecorder } from '../ingest/new-recorder.ts'
import { KEY } from '../journal/journal-support.ts'
import { hostileToFibonacci, hostileToMaps } from '../support/hostile-ids.ts'
import { rowsFrom } from '../support/rows.ts'

const MINUTE = 28_900_000
/** As many as make a table without a seed more than a hundred times as slow. */
const IDS = 8000
/** The best of some runs each, so that what else the machine does hardly counts. */
const MAX_RATIO = 8
const RUNS = 5

const kinds = {
  'a Map of numbers': hostileToMaps(IDS),
  'a table without a seed': hostileToFibonacci(IDS, MINUTE),
}

/** Everything that is keyed by ids which clients choose. */
const uses: Record<string, (ids: readonly number[]) => unknown> = {
  'summing up what is read from the journal': ids => {
    const sums = new Sums()
    for (const id of ids) sums.add(MINUTE, id, VALID, 1)
    return sums.rows()
  },
  'summing up a tick': ids => {
    const { recorder } = newRecorder({ maxBanners: 2 * IDS })
    for (const id of ids) void recorder.record(id, VALID, 1)
  },
  'summing up a bulk': ids => sumUp(ids.slice(0, MAX_ENTRIES).map(id => ({ id }))),
  'adding to the ring': ids => {
    const ring = new Ring(SharedMemory.create({ threadCount: 1, maxBanners: 2 * IDS }))
    for (const id of ids) ring.add(1, MINUTE, id, VALID, 1)
    return ring.rows(1)
  },
  'writing a batch to its file': ids =>
    encodeBatch(KEY, batchOf(1, rowsFrom(ids.toSorted((a, b) => a - b).map(id => [id, MINUTE, 1])))),
}

describe('ids that were chosen to meet in one place', () => {
  it('are that: a Map of them is slow', () => {
    const fill = (ids: readonly number[]) => new Map(ids.map(id => [id, 1]))
    expect(ratio(fill, kinds['a Map of numbers'], 3)).to.be.above(30)
  })

  for (const [use, run] of Object.entries(uses))
    for (const [kind, ids] of Object.entries(kinds))
      it(`for ${kind} cost ${use} no more than any others`, () => {
        expect(ratio(run, ids)).to.be.below(MAX_RATIO)
      })
})

/** How many times as long it takes with these ids as with random ones. */
function ratio(run: (ids: readonly number[]) => unknown, ids: readonly number[], runs = RUNS): number {
  const random = ids.map(() => 1 + Math.floor(Math.random() * (2 ** 31 - 2)))
  run(random.slice(0, 100))
  return fastest(() => run(ids), runs) / fastest(() => run(random), runs)
}

function fastest(run: () => unknown, runs: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let nth = 0; nth < runs; nth++) {
    const startedAt = performance.now()
    run()
    best = Math.min(best, performance.now() - startedAt)
  }
  return best
}
