import { isMainThread, threadName } from 'node:worker_threads'

/**
 * Preloaded into every thread of a service under test: each request thread dies some time after its start, in the way
 * that CLICKCOUNTER_TEST_THREAD_DEATH names. It is under load, so it dies within a tick or between two.
 */
const LIFE_MS = 1500

const deaths: Record<string, () => void> = {
  throw: () => {
    throw new Error('a test lets this thread die')
  },
  'out of memory': () => {
    for (const kept: number[][] = []; ; ) kept.push(new Array(100_000).fill(kept.length))
  },
  exit: () => process.exit(1),
}

const die = deaths[process.env.CLICKCOUNTER_TEST_THREAD_DEATH ?? '']
if (!isMainThread && threadName?.startsWith('request') && die !== undefined) setTimeout(die, LIFE_MS)
