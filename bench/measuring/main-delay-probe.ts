import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import { delayFileOf } from './main-delay.ts'

/**
 * Is imported into a service before its own code. At SIGUSR2 it writes for how long main's event loop was held up at
 * most since the last time, in milliseconds.
 */
if (isMainThread) {
  const path = delayFileOf(process.env.CLICKCOUNTER_DATA_DIR!)
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  process.on('SIGUSR2', () => {
    writeFileSync(`${path}.new`, String(delays.max / 1e6))
    // The whole text at once: the reader waits for the name.
    renameSync(`${path}.new`, path)
    delays.reset()
  })
}
