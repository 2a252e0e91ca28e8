import { parentPort, workerData } from 'node:worker_threads'
import type { Script } from './exchange.ts'
import { startSides } from './sides.ts'

/** A thread with both sides in it: compares the scripts that it is sent, until it is sent null. */

const sides = await startSides(workerData)

parentPort!.on('message', async (scripts: readonly Script[] | null) => {
  if (scripts !== null) return parentPort!.postMessage(await sides.compare(scripts))
  await sides.stop()
  parentPort!.close()
})
