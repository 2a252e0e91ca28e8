import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onClientCore } from '../machine/cores.ts'

export const CONNECTIONS = 64

/** A script in bench/load/wrk, and its argument. */
interface WrkScript {
  readonly file: string
  readonly argument: number
}

/** Clicks for banners 1 … `banners`, one after the other. */
export function clicksOver(banners: number): WrkScript {
  return { file: 'banners.lua', argument: banners }
}

/** Bulks of `entries` clicks, each for a banner of its own. */
export function bulksOf(entries: number): WrkScript {
  return { file: 'bulk.lua', argument: entries }
}

export interface WrkLoad {
  readonly seconds: number
  readonly headers?: Readonly<Record<string, string>>
  readonly script?: WrkScript
}

export interface WrkResult {
  /** Answered with 2xx or 3xx. */
  readonly succeeded: number
  /** Other answers, and errors of connections. */
  readonly failed: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * Keeps a request under way on each of 64 connections for some seconds. Then wrk closes them and waits for no
 * answer: up to 64 requests may have been counted that its result does not hold.
 */
export async function runWrk(url: string, { seconds, headers = {}, script }: WrkLoad): Promise<WrkResult> {
  const [command, args] = onClientCore('wrk', [
    '--latency',
    '--threads=1',
    `--connections=${CONNECTIONS}`,
    `--duration=${seconds}s`,
    ...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`),
    ...(script === undefined ? [] : ['--script', scriptPath(script.file)]),
    url,
    ...(script === undefined ? [] : ['--', String(script.argument)]),
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
    failed: non2xx + errorCount,
    perSecond: requests === 0 ? 0 : (perSecond * (requests - non2xx)) / requests,
    p50Ms: milliseconds(find(/^ +50% +([\d.]+)(us|ms|s|m|h)$/m)),
    p99Ms: milliseconds(find(/^ +99% +([\d.]+)(us|ms|s|m|h)$/m)),
  }
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function milliseconds([, amount, unit]: RegExpExecArray): number {
  return Number(amount) * MS_PER_UNIT[unit!]!
}

function scriptPath(file: string): string {
  return fileURLToPath(new URL(`./wrk/${file}`, import.meta.url))
}
