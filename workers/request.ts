import { parentPort, workerData } from 'node:worker_threads'
import { Keyring } from '../lib/access/keyring.ts'
import { collectGarbage } from '../lib/base/collect-garbage.ts'
import type { BotLists } from '../lib/bots/bot-lists.ts'
import { BotRules } from '../lib/bots/bot-rules.ts'
import { Segment } from '../lib/journal/append/segment.ts'
import { SharedMemory } from '../lib/memory/shared-memory.ts'
import type { FromRequestThread, RequestThreadData, ToRequestThread } from '../lib/messages.ts'
import { BannerLink } from '../lib/request-thread/banner-link.ts'
import { FlushAsker } from '../lib/request-thread/flush-asker.ts'
import { KeyLink } from '../lib/request-thread/key-link.ts'
import { Refreshes } from '../lib/request-thread/refreshes.ts'
import { startRequestThread } from '../lib/request-thread/request-thread.ts'

/** Entry of a request thread: serves on the port that all request threads share until main says stop. */

const data = workerData as RequestThreadData
const main = parentPort!
const asker = new FlushAsker(main)
const keyring = new Keyring({ adminKey: data.config.access.adminKey, now: Date.now })
// Before the port opens: without it, who has a key would be told to come back later.
if (data.snapshot !== null) keyring.replace(data.snapshot)
const refreshes = new Refreshes(main)
const keyLink = new KeyLink(main, refreshes, keyring, Date.now)
const bannerLink = new BannerLink(main, refreshes)
// Before the port opens, too: without it, /click would not know where to lead.
if (data.banners !== null) bannerLink.begin(data.banners)
// After that: Node keeps workerData for ever, and with it the tables, also once newer ones are in force.
data.banners = null
const bots = data.config.classes.areBotsClassed ? new BotRules(data.botLists) : null
data.botLists = null

const starting = startRequestThread({
  ...data,
  journal: new Segment({ ...data.journalPlace, threadIndex: data.threadIndex }),
  memory: new SharedMemory(data.memory),
  access: keyLink,
  banners: bannerLink,
  bots,
  askFlush: (generation, until, signal) => asker.ask(generation, until, signal),
  reportFailure: (what, error, requestId) =>
    main.postMessage({ kind: 'failure', what, error, requestId } satisfies FromRequestThread),
  now: Date.now,
})
// Registered before the port opens. After it, main's messages would wait until the start is over, and a click
// that waits for room would wait for them.
main.on('message', (message: ToRequestThread) => {
  if (message.kind === 'settled') asker.settled(message.askId, message.outcome)
  else if (message.kind === 'access') keyLink.take(message.snapshot)
  else if (message.kind === 'banners') bannerLink.take(message)
  else if (message.kind === 'bots') takeLists(message.lists)
  else if (message.kind === 'refreshed') refreshes.over(message.refreshId)
  else void stop(message.graceMs)
})

await starting
// Sent after the port is open. Before it, main would call a service serving that refuses connections.
main.postMessage({ kind: 'listening' } satisfies FromRequestThread)

function takeLists(lists: BotLists): void {
  bots!.replace(lists)
  // After they are in force: main then says that they are.
  main.postMessage({ kind: 'taken' } satisfies FromRequestThread)
  // Last: main does not wait for it. Without it, the ranges before would stay in memory.
  collectGarbage()
}

async function stop(graceMs: number): Promise<void> {
  const thread = await starting
  await thread.stop(graceMs)
  // Closed last, which ends the thread. Earlier, answers that need a flush would wait for main in vain.
  main.close()
}
