import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** This code. */
export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))

/** How long an orderly stop may take. */
const STOP_PATIENCE_MS = 12_000
const LISTENING = /listening on .*?(http:\/\/[^"\s]+)/

/** Settings without the prefix CLICKCOUNTER_. */
export type Settings = Readonly<Record<string, string>>

export interface ServiceProcess {
  readonly pid: number
  readonly url: string
  readonly dataDir: string
  /** What it printed until it said that it listens. */
  readonly startLines: readonly string[]
  /** Resolves when the process is gone. Its directory stays, for another one to start in. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Stops it in order, or by force when that takes too long, and removes its directory. */
  end(): Promise<void>
}

/**
 * The service in a checkout, as its `npm start` runs it, with an embedded Postgres. Its directory is a new
 * one unless DATA_DIR is set. Resolves when it says that it listens, rejects when it ends before that.
 */
export async function startServiceProcess(
  checkout: string,
  settings: Settings,
  nodeOptions: readonly string[],
): Promise<ServiceProcess> {
  const dataDir = settings.DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'clickcounter-bench-')))
  const { scripts } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'))
  const child = spawn('/bin/sh', ['-c', scripts.start], {
    cwd: checkout,
    env: environment(
      { SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', ...settings, DATA_DIR: dataDir },
      nodeOptions,
    ),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'close')
  const stop = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    await exited
  }
  const end = async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
    await stop('SIGTERM')
    clearTimeout(timer)
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    const { url, lines } = await untilListening(child.stdout)
    // The script replaces its shell with the service: they have one pid.
    return { pid: child.pid!, url, dataDir, startLines: lines, stop, end }
  } catch (error) {
    await end()
    throw error
  }
}

/** How long the steps of a start took by main's clock, in milliseconds, by the lines that were printed. */
export function stepsIn(lines: readonly string[]): Readonly<Record<string, number>> {
  const line = lines.find(line => line.includes('clicks are accepted after'))
  if (line === undefined) throw new Error('the service should say how long its start took')
  return JSON.parse(line).stepsMs
}

/** The bench's environment, with the settings in place of its own, and with the Node that runs the bench. */
function environment(settings: Settings, nodeOptions: readonly string[]): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CLICKCOUNTER_'))
  const named = Object.entries(settings).map(([name, value]) => [`CLICKCOUNTER_${name}`, value])
  return {
    ...Object.fromEntries([...inherited, ...named]),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    NODE_OPTIONS: nodeOptions.join(' '),
  }
}

/** The URL in the line with which the service says that it listens, and all lines up to it. */
async function untilListening(output: Readable): Promise<{ url: string; lines: readonly string[] }> {
  const lines: string[] = []
  let url: string | undefined
  for await (const line of createInterface({ input: output })) {
    lines.push(line)
    url = LISTENING.exec(line)?.[1]
    if (url !== undefined) break
  }
  if (url === undefined) throw new Error(`the service should listen, but ended:\n${lines.join('\n')}`)
  // Reading goes on: a service whose output nobody reads stops at a full pipe.
  output.resume()
  return { url, lines }
}
