import { parentPort, workerData } from 'node:worker_threads'
import { Segment } from '../lib/journal/append/segment.ts'
import { SharedMemory } from '../lib/memory/layout.ts'
import type { FromRequestThread, RequestThreadData, ToRequestThread } from '../lib/messages.ts'
import { FlushAsker } from '../lib/request-thread/flush-asker.ts'
import { startRequestThread } from '../lib/request-thread/request-thread.ts'

/** A request thread's entry: serves on the port that all request threads share until main says stop. */

const data = workerData as RequestThreadData
const main = parentPort!
const asker = new FlushAsker(main)

const starting = startRequestThread({
  ...data,
  journal: new Segment({ ...data.journal, threadIndex: data.threadIndex }),
  memory: new SharedMemory(data.memory),
  askFlush: (generation, until, signal) => asker.ask(generation, until, signal),
  reportFailure: (what, error, requestId) =>
    main.postMessage({ kind: 'failure', what, error, requestId } satisfies FromRequestThread),
  now: Date.now,
})
// Before the first click can come: main may answer, or stop, as soon as the thread listens.
main.on('message', (message: ToRequestThread) => {
  if (message.kind === 'flushed') asker.answered(message.askId, message.error)
  else void stop(message.graceMs)
})

await starting
main.postMessage({ kind: 'listening' } satisfies FromRequestThread)

/** With the port closed nothing is left that keeps the thread. */
async function stop(graceMs: number): Promise<void> {
  const thread = await starting
  await thread.stop(graceMs)
  main.close()
}
