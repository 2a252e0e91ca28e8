import { parentPort, workerData } from 'node:worker_threads'
import { Connection } from './connection.ts'
import type { OpenLoop, OpenLoopResult } from './open-loop.ts'

/** Thread of openLoop(). */

/** So many clicks can be under way. Others wait for a connection, and their wait counts. */
const CONNECTIONS = 128
/**
 * How often a timer looks for clicks that are due. Each answer looks as well, so few
 * clicks wait for the timer.
 */
const LOOK_INTERVAL_MS = 1

async function run(url: URL, options: Required<OpenLoop>): Promise<OpenLoopResult> {
  const { ratePerSecond, seconds, banners, patienceSeconds } = options
  const amount = ratePerSecond * seconds
  const answeredAtMs = new Float64Array(amount)
  const latencyMs = new Float64Array(amount)
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(url)))
  const idle = [...connections]
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  let sent = 0
  let settled = 0
  let acknowledged = 0
  const startedAtMs = performance.now()
  const dueAtMs = (click: number) => startedAtMs + (click * 1000) / ratePerSecond

  const sendDue = () => {
    const nowMs = performance.now()
    // The one that has been idle for longest: the service closes a connection that says nothing for 5 s.
    while (sent < amount && dueAtMs(sent) <= nowMs && idle.length > 0) void send(idle.shift()!, sent++)
  }
  const send = async (connection: Connection, click: number) => {
    const isAcknowledged = await connection.click(1 + (click % banners))
    const nowMs = performance.now()
    if (isAcknowledged) {
      answeredAtMs[acknowledged] = performance.timeOrigin + nowMs
      latencyMs[acknowledged++] = nowMs - dueAtMs(click)
    }
    idle.push(connection)
    if (++settled === amount) finish()
    else sendDue()
  }

  const timer = setInterval(sendDue, LOOK_INTERVAL_MS)
  const deadline = setTimeout(finish, (seconds + patienceSeconds) * 1000)
  await finished
  const elapsedSeconds = (performance.now() - startedAtMs) / 1000
  clearInterval(timer)
  clearTimeout(deadline)
  // Before the connections are closed: the end of each would send the next click that waits.
  sent = amount
  for (const connection of connections) connection.close()
  return {
    acknowledged,
    failed: amount - acknowledged,
    elapsedSeconds,
    answeredAtMs: answeredAtMs.slice(0, acknowledged),
    latencyMs: latencyMs.slice(0, acknowledged),
  }
}

const { url, ...options } = workerData as Required<OpenLoop> & { readonly url: string }
parentPort!.postMessage(await run(new URL(url), options))
