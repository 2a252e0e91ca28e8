import { clearClicksInHalf, clicksInHalf } from '../books/balance.ts'
import { HALF_COUNT } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { CollectResult } from '../messages.ts'
import type { Generations } from '../ring/generations.ts'
import type { Ring } from '../ring/ring.ts'
import { batchOf } from '../rows/batch.ts'
import { CLICK_CLASSES } from '../rows/classes.ts'
import { type Rows, totalsOf } from '../rows/rows.ts'

/** What all threads have journaled in a generation that is quiet; null: not all of it can be read. */
export type ReadJournaled = (generation: number) => Rows | null

/**
 * Takes the generation after `collectedGeneration` out of the ring as a batch.
 *
 * The steps are: clear the other half, flip, wait, read. The half that was read is cleared only when it is
 * needed again, before the next flip. By then the caller holds its clicks. So a worker that dies between any
 * two steps loses nothing: before the flip, the next one clears again; after it, the half still has
 * everything and is read again. A half that is partly emptied never has to be read.
 *
 * If the flip came before the clear, the clear would take clicks that threads have just added. If the read
 * came before the wait, clicks of threads that are still inside would be in no batch. If the look for a death
 * came before the wait, a death during the wait would be missed.
 *
 * A generation that a thread died in is taken from the journal instead. Its files hold every tick that was
 * acknowledged and booked. Of the dead thread's last tick they hold whole records, so whole bulks, or
 * nothing. Nobody is in the generation and nothing of it has been handed over, so no file of it is removed or
 * written anew before the caller has its clicks. A worker that reads the files again reads the same. The
 * books gain what is stored, which is all that was booked, and what was journaled just before the death.
 *
 * If the files cannot be read at that moment, or hold less of a class than was booked, the half is taken after
 * all, and the result says so. Then no click that was acknowledged is lost. The half may hold a part of
 * one bulk that got no answer.
 */
export async function collect(
  memory: SharedMemory,
  ring: Ring,
  generations: Generations,
  collectedGeneration: number,
  readJournaled: ReadJournaled,
): Promise<CollectResult> {
  const generation = collectedGeneration + 1
  const { current } = generations
  if (current === generation) {
    const nextHalf = (generation + 1) % HALF_COUNT
    ring.clear(nextHalf)
    clearClicksInHalf(memory, nextHalf)
    generations.flip(generation)
  } else if (current !== generation + 1) {
    // One further is right as well: an earlier worker has flipped, and died before
    // its batch reached the caller.
    throw new Error(`two flushes at once: expected generation ${generation}, found ${current}`)
  }
  await generations.quiet(generation)
  const half = generation % HALF_COUNT
  const fromRing = () => batchOf(generation, ring.rows(half))
  if (!generations.isBroken(generation)) return { batch: fromRing(), journalFault: null }
  const journaled = readJournaled(generation)
  if (journaled === null) return { batch: fromRing(), journalFault: 'unreadable' }
  const [totals, booked] = [totalsOf(journaled), clicksInHalf(memory, half)]
  if (CLICK_CLASSES.some(of => totals[of] < booked[of])) return { batch: fromRing(), journalFault: 'short' }
  return { batch: batchOf(generation, journaled), journalFault: null }
}
