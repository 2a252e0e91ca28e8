import { isMainThread, threadName } from 'node:worker_threads'
import { Ring } from '../../lib/ring/ring.ts'

/**
 * Preloaded into every thread of a service under test: each request thread dies while it adds a bulk to the ring.
 * CLICKCOUNTER_TEST_DEATH_WITHIN_BULK=bulk:adds says in which of its bulks, and after how many calls of Atomics.add in
 * it. A new banner takes one call for its slot and, when all banners have slots, one for its clicks.
 */
const [bulk, adds] = (process.env.CLICKCOUNTER_TEST_DEATH_WITHIN_BULK ?? '0:0').split(':').map(Number)
const { add } = Atomics
const { addAll } = Ring.prototype
let bulks = 0

if (!isMainThread && threadName?.startsWith('request'))
  Ring.prototype.addAll = function (this: Ring, ...bulkOfThread: Parameters<typeof addAll>) {
    if (++bulks === bulk) dieAfter(adds!)
    return addAll.apply(this, bulkOfThread)
  }

function dieAfter(adds: number): void {
  let left = adds
  Object.assign(Atomics, {
    add: (...operands: Parameters<typeof add>) => {
      // Ends this thread within this call.
      if (left-- === 0) process.exit(1)
      return add(...operands)
    },
  })
}
