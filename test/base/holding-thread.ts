import { parentPort } from 'node:worker_threads'
import { collectGarbage } from '../../lib/base/collect-garbage.ts'

/** Holds the buffer that it was sent, until it is told to drop it. Answers each message. */

let held: Uint8Array | null = null
parentPort!.on('message', (message: SharedArrayBuffer | 'drop') => {
  if (message === 'drop') {
    held = null
    collectGarbage()
  } else held = new Uint8Array(message)
  // After what was asked for above.
  setImmediate(() => parentPort!.postMessage(held?.length ?? 0))
})
parentPort!.postMessage('ready')
