import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { ThreadBooks } from '../books/thread-books.ts'

const LOAD_INTERVAL_MS = 1000
const DELAY_RESOLUTION_MS = 50

/** Books every second how busy this thread is, and how late its event loop is, until the timer is cleared. */
export function reportLoad(books: ThreadBooks): NodeJS.Timeout {
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delays.enable()
  let last = performance.eventLoopUtilization()
  return setInterval(() => {
    const current = performance.eventLoopUtilization()
    // The monitor measures the time between two of its timers, so each value includes the timer's period.
    const delayMs = Math.max(0, delays.percentile(99) / 1e6 - DELAY_RESOLUTION_MS)
    books.load(performance.eventLoopUtilization(current, last).utilization, delayMs)
    last = current
    delays.reset()
  }, LOAD_INTERVAL_MS)
}
