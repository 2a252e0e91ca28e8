import { clearClicksInHalf, clicksInHalf, keyedPairsInHalf } from '../books/balance.ts'
import type { FilesReading } from '../journal/files/batch-file.ts'
import { HALF_COUNT } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { CollectResult } from '../messages.ts'
import type { Generations } from '../ring/generations.ts'
import type { Ring } from '../ring/ring.ts'
import { batchOf } from '../rows/batch.ts'
import { type ByClass, CLICK_CLASSES, plus } from '../rows/classes.ts'
import type { KeyedBulk } from '../rows/keyed-bulk.ts'
import { clicksOf, pairCountOf } from '../rows/keyed-bulks.ts'
import { totalsOf } from '../rows/rows.ts'

/** What all threads have journaled in a generation that is quiet. Throws when it cannot be read now. */
export type ReadJournaled = (generation: number) => FilesReading

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
 *
 * Keyed bulks are in the files alone, so these are read whenever the threads have booked any. If they cannot be read
 * at that moment, nothing is collected, and the next try reads them. What is damaged in them is lost, and the result
 * says how many of the clicks that were booked are missing for that.
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
  const isBroken = generations.isBroken(generation)
  const keyedPairs = keyedPairsInHalf(memory, half)
  const fromRing = (keyed: readonly KeyedBulk[] = []) => batchOf(generation, ring.rows(half), keyed)
  if (!isBroken && keyedPairs === 0) return { batch: fromRing(), journalFault: null, bulksLostIn: null }
  const journaled = keyedPairs > 0 ? readJournaled(generation) : tryToRead(generation, readJournaled)
  const { keyed, damaged } = journaled ?? NOTHING
  // Not fewer than were booked. More: a thread died after it had journaled one.
  const bulksLostIn = pairCountOf(keyed) < keyedPairs ? damaged : null
  const journalFault = isBroken ? faultOf(journaled, clicksInHalf(memory, half)) : null
  if (!isBroken || journalFault !== null) return { batch: fromRing(keyed), journalFault, bulksLostIn }
  return { batch: batchOf(generation, journaled!.rows, keyed), journalFault, bulksLostIn }
}

const NOTHING: Pick<FilesReading, 'keyed' | 'damaged'> = { keyed: [], damaged: [] }

/** null: it cannot be read now. */
function tryToRead(generation: number, readJournaled: ReadJournaled): FilesReading | null {
  try {
    return readJournaled(generation)
  } catch {
    return null
  }
}

/** Why what was journaled cannot take the place of the half, with what was booked into it. null: it can. */
function faultOf(journaled: FilesReading | null, booked: ByClass<number>): CollectResult['journalFault'] {
  if (journaled === null || journaled.damaged.length > 0) return 'unreadable'
  const totals = plus(totalsOf(journaled.rows), clicksOf(journaled.keyed))
  return CLICK_CLASSES.some(of => totals[of] < booked[of]) ? 'short' : null
}
