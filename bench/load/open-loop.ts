import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { compiled } from '../machine/c-program.ts'

/**
 * The bench's own load client. wrk saturates, autocannon sends the clicks of each second at once; this one is
 * even, to some microseconds. It is a program in C: a timer of Node's is a millisecond late, which is longer
 * than the service takes. It needs `cc`, and Linux.
 */

const SOURCE = new URL('./open-loop.c', import.meta.url)
const DEFAULT_CONNECTIONS = 128
const DEFAULT_PATIENCE_SECONDS = 10
/** Of the numbers that come before those of each click. */
const HEAD_LENGTH = 3
const NUMBERS_PER_CLICK = 3

interface OpenLoop {
  readonly ratePerSecond: number
  readonly seconds: number
  /** Clicked one after the other, 1 … banners. */
  readonly banners: number
  /** So many clicks can be under way. Others wait for a connection, and their wait counts. */
  readonly connections?: number
  /** Then a connection is closed, and another one opened in its place; without it, never. */
  readonly clicksPerConnection?: number
  /** So many clients, told apart by their addresses; without it, all come from one. */
  readonly addresses?: number
  /** How long the last answers are waited for after the last click was due. */
  readonly patienceSeconds?: number
}

export interface OpenLoopResult {
  /** Clicks answered with 204. */
  readonly acknowledged: number
  /** Clicks answered otherwise, not at all, or not in time. */
  readonly failed: number
  /** From the first click to the last answer. */
  readonly elapsedSeconds: number
  /** Seconds of processor time of the client in each second. */
  readonly clientCores: number
  /** When each acknowledgement came, in milliseconds since the epoch. */
  readonly answeredAtMs: Float64Array
  /** From when the click was due until then, in milliseconds, in the same order. */
  readonly latencyMs: Float64Array
  /**
   * From when the click was due until it was sent: because the client was not woken in time, or all connections
   * were busy. A part of the latency, in the same order.
   */
  readonly sentAfterMs: Float64Array
}

/**
 * Sends clicks that fall due evenly, whatever becomes of the earlier ones, and counts each wait from when the
 * click was due: a stall shows in every click it delays. `urls` are of servers on 127.0.0.1, whose connections
 * take turns. Once connected, it takes at most `seconds` and `patienceSeconds` together.
 */
export async function openLoop(
  urls: string | readonly string[],
  {
    ratePerSecond,
    seconds,
    banners,
    connections = DEFAULT_CONNECTIONS,
    clicksPerConnection = Number.MAX_SAFE_INTEGER,
    patienceSeconds = DEFAULT_PATIENCE_SECONDS,
    addresses = 0,
  }: OpenLoop,
): Promise<OpenLoopResult> {
  const amount = Math.round(ratePerSecond * seconds)
  const ports = [urls]
    .flat()
    .map(url => new URL(url).port)
    .join(',')
  const args = [
    ...[ports, ratePerSecond, amount, banners, connections],
    ...[clicksPerConnection, patienceSeconds, addresses],
  ]
  const maxBuffer = (HEAD_LENGTH + NUMBERS_PER_CLICK * amount) * Float64Array.BYTES_PER_ELEMENT
  const { stdout } = await promisify(execFile)(compiled(SOURCE), args.map(String), {
    encoding: 'buffer',
    maxBuffer,
  })
  const numbers = new Float64Array(Uint8Array.from(stdout).buffer)
  const [acknowledged, elapsedSeconds, cpuSeconds] = numbers as unknown as [number, number, number]
  const ofClicks = numbers.subarray(HEAD_LENGTH)
  return {
    acknowledged,
    failed: amount - acknowledged,
    elapsedSeconds,
    clientCores: cpuSeconds / elapsedSeconds,
    answeredAtMs: ofClicks.subarray(0, acknowledged),
    latencyMs: ofClicks.subarray(acknowledged, 2 * acknowledged),
    sentAfterMs: ofClicks.subarray(2 * acknowledged),
  }
}
