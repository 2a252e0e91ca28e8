import { setFlagsFromString } from 'node:v8'
import type { ResourceLimits } from 'node:worker_threads'

/**
 * With half of it, Hapi's route takes 2 to 4 % more CPU. With double, it takes 2 % less, and 16 MiB more. The
 * hot lane takes the same with each.
 */
const SEMI_SPACE_MIB = 8
/** V8's new space is two semi-spaces, and a third one for large objects. */
const SEMI_SPACES = 3
/**
 * The old space grows to this size before its first full collection. A thread that serves uses some 25 MiB of it, and
 * each large answer adds 1 to 3. With 32 MiB, every third of them or so brought a full collection, which clicks wait for.
 */
const FIRST_OLD_SPACE_MIB = 48
/** From one full collection to the next, the old space grows by so much. */
const GROWING_PERCENT = 30

/**
 * Keeps the heaps of threads level, and returns the limits for a thread that starts later.
 *
 * The new space has one size. Left alone, V8 doubles the semi-spaces as connections come and go, to 32 MiB
 * each on a machine with enough memory. It shrinks them to 1 MiB when a thread allocates little, as the hot
 * lane does. Memory then moves by tens of MiB over minutes, and clicks cost more when load comes back. The
 * lower limit is a flag of the whole process. V8 cuts it to the upper limit of a thread.
 *
 * The old space grows by a part only. Each connection that has closed leaves 2 KB in it until the next full
 * collection. Left alone, V8 waits until the space is several times as large as what is in use. These two
 * are flags of the whole process as well.
 */
export function keepHeapsLevel(): ResourceLimits {
  setFlagsFromString(`--min-semi-space-size=${SEMI_SPACE_MIB}`)
  setFlagsFromString(`--initial-old-space-size=${FIRST_OLD_SPACE_MIB}`)
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`)
  return { maxYoungGenerationSizeMb: SEMI_SPACES * SEMI_SPACE_MIB }
}
