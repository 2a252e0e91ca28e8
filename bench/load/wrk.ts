import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onClientCore } from '../machine/cores.ts'

/** Unless the load says how many. */
export const CONNECTIONS = 64

/** An answer after more than this is a failure. Of thousands of connections, many wait for seconds to be opened. */
const PATIENCE_SECONDS = 10

/** A script in bench/load/wrk, and its arguments. */
interface WrkScript {
  readonly file: string
  readonly args: readonly (string | number)[]
}

/** Clicks for banners 1 … `banners`, one after the other. */
export function clicksOver(banners: number, form: 'counter' | 'click' = 'counter'): WrkScript {
  return { file: 'banners.lua', args: [banners, `/${form}/`] }
}

/** Clicks that a proxy passes on for clients 1 … `clients` in turn, each with an address and a User-Agent of its own. */
export function clicksFrom(clients: number): WrkScript {
  return { file: 'clients.lua', args: [clients, '/counter/1'] }
}

/** Bulks of `entries` clicks, each for a banner of its own. With `areKeyed`, each bulk has an Idempotency-Key of its own. */
export function bulksOf(entries: number, areKeyed = false): WrkScript {
  // Keys of another run would be known.
  return { file: 'bulk.lua', args: [entries, ...(areKeyed ? [randomUUID()] : [])] }
}

/** Requests with another method than GET. A body has its length in the head. */
export function requestsOf(method: string, body = ''): WrkScript {
  return { file: 'method.lua', args: [method, body] }
}

export interface WrkLoad {
  readonly seconds: number
  readonly connections?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly script?: WrkScript
}

export interface WrkResult {
  /** Answered with 2xx or 3xx. */
  readonly succeeded: number
  /** Answered with another status. */
  readonly refused: number
  /** Those that were refused, and errors of connections. */
  readonly failed: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Keeps a request under way on each connection for some seconds. Then wrk closes them and waits for no
 * answer: one request a connection may have been counted that its result does not hold.
 */
export async function runWrk(url: string, load: WrkLoad): Promise<WrkResult> {
  const { seconds, connections = CONNECTIONS, headers = {}, script } = load
  const [command, args] = onClientCore('wrk', [
    '--latency',
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--timeout=${PATIENCE_SECONDS}s`,
    ...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`),
    ...(script === undefined ? [] : ['--script', scriptPath(script.file)]),
    url,
    ...(script === undefined ? [] : ['--', ...script.args.map(String)]),
  ])
  const { stdout } = await promisify(execFile)(command, args)
  return parseWrk(stdout)
}

/** Reads what wrk prints with --latency. Throws when that is something else. */
export function parseWrk(output: string): WrkResult {
  const find = (pattern: RegExp) => {
    const match = pattern.exec(output)
    if (match === null) throw new Error(`wrk should have printed ${pattern}, but printed:\n${output}`)
    return match
  }
  const requests = Number(find(/^ +(\d+) requests in /m)[1])
  const non2xx = Number(/^ +Non-2xx or 3xx responses: (\d+)/m.exec(output)?.[1] ?? 0)
  const errors = /^ +Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/m.exec(output)
  const errorCount = (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0)
  const perSecond = Number(find(/^Requests\/sec: +([\d.]+)/m)[1])
  return {
    succeeded: requests - non2xx,
    refused: non2xx,
    failed: non2xx + errorCount,
    perSecond: requests === 0 ? 0 : (perSecond * (requests - non2xx)) / requests,
    p50Ms: milliseconds(find(/^ +50% +([\d.]+)(us|ms|s|m|h) *$/m)),
    p99Ms: milliseconds(find(/^ +99% +([\d.]+)(us|ms|s|m|h) *$/m)),
  }
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function milliseconds([, amount, unit]: RegExpExecArray): number {
  return Number(amount) * MS_PER_UNIT[unit!]!
}

function scriptPath(file: string): string {
  return fileURLToPath(new URL(`./wrk/${file}`, import.meta.url))
}
