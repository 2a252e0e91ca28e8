import { renameSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { delayFileOf } from './main-delay.ts'

/** Main's event loop is looked at so often. */
const LOOK_INTERVAL_MS = 1

/**
 * Is imported into a service before its own code. At SIGUSR2 it writes for how long main was busy without a turn for
 * its timers, at most since the last time, in milliseconds. By its processor time: what other processes take of the
 * core is no fault of main.
 */
if (isMainThread) {
  const path = delayFileOf(process.env.CLICKCOUNTER_DATA_DIR!)
  let last = busyUs()
  let longestUs = 0
  setInterval(() => {
    const now = busyUs()
    longestUs = Math.max(longestUs, now - last)
    last = now
  }, LOOK_INTERVAL_MS).unref()
  process.on('SIGUSR2', () => {
    writeFileSync(`${path}.new`, String(longestUs / 1000))
    // The whole text at once: the reader waits for the name.
    renameSync(`${path}.new`, path)
    longestUs = 0
  })
}

/** Processor time of this thread. */
function busyUs(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
