import { isMainThread } from 'node:worker_threads'

/** Preloaded into a service under test: its main thread throws at SIGUSR2, out of nowhere. */
if (isMainThread)
  process.on('SIGUSR2', () => {
    throw new Error('nobody expected this')
  })
