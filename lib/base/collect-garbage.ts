import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back memory that this thread does not refer to any more. It holds the thread up for some 10 ms, so it is for
 * rare moments: after a large shared buffer was replaced. V8 knows nothing of how much memory such a buffer takes, and
 * a thread that allocates little would keep it for hours.
 *
 * It does so in a turn of its own: what is still in a variable of the caller, or of who called it, would stay.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  setImmediate(collect)
}
