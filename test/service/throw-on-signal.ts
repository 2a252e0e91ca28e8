import { isMainThread } from 'node:worker_threads'

/** Preloaded into a service under test: at SIGUSR2 its main thread throws, outside of any call. */
if (isMainThread)
  process.on('SIGUSR2', () => {
    throw new Error('nobody expected this')
  })
