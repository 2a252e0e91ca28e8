import { clearClicksInHalf } from '../health/books.ts'
import type { Generations } from '../ring/generations.ts'
import { HALF_COUNT, type SharedMemory } from '../ring/layout.ts'
import type { Ring } from '../ring/ring.ts'
import { type Batch, batchOf } from './batch.ts'

/**
 * Takes the generation after `collectedGeneration` out of the ring as a batch.
 *
 * Clear, flip, wait, read; the half that was read is cleared only when it is needed again, before the next
 * flip, and by then the caller holds its clicks. So a worker that dies between any two steps loses nothing:
 * before the flip, clearing is done again; after it, the half still has everything and is read again. A
 * half that is partly emptied never has to be read.
 */
export async function collect(
  memory: SharedMemory,
  ring: Ring,
  generations: Generations,
  collectedGeneration: number,
): Promise<Batch> {
  const generation = collectedGeneration + 1
  const { current } = generations
  if (current === generation) {
    const nextHalf = (generation + 1) % HALF_COUNT
    ring.clear(nextHalf)
    clearClicksInHalf(memory, nextHalf)
    generations.flip(generation)
  } else if (current !== generation + 1) {
    // One further is where an earlier worker left it that died before its batch reached the caller.
    throw new Error(`two flushes at once: expected generation ${generation}, found ${current}`)
  }
  await generations.quiet(generation)
  return batchOf(generation, ring.snapshot(generation % HALF_COUNT))
}
