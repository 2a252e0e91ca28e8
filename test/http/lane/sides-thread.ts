import { parentPort, workerData } from 'node:worker_threads'
import type { Script } from './exchange.ts'

/**
 * A thread with both sides in it: compares the scripts that it is sent, until it is sent null. `settings`: of both
 * sides. `isDirect`: with the wires that this Node has. Otherwise with those by its streams, as on a Node that has no others.
 */

const { isDirect, settings, ...database } = workerData
if (!isDirect) Reflect.set(process, 'binding', undefined)

// Not before: the lane looks for what it needs when it is loaded.
const { startSides } = await import('./sides.ts')
const sides = await startSides(database, settings)

parentPort!.on('message', async (scripts: readonly Script[] | null) => {
  if (scripts !== null) return parentPort!.postMessage(await sides.compare(scripts))
  await sides.stop()
  parentPort!.close()
})
