import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }
import { bareFetch } from './documented-fetch.ts'
import { environmentOf, type Settings } from './settings.ts'

const MAIN = fileURLToPath(new URL('../../lib/main.ts', import.meta.url))
/** What `npm start` sets in the environment. */
export const START_ENV = Array.from(packageJson.scripts.start.matchAll(/([A-Z_]+)=(\S+)/g), match => [
  match[1]!,
  match[2]!,
])

export interface ServiceProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly dataDir: string
  /** Every line printed so far, on both streams. */
  readonly lines: readonly string[]
  /** Resolves with the first line that matches, when it has been printed. */
  line(pattern: RegExp): Promise<string>
  signal(signal: NodeJS.Signals): void
  /** The exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>
}

const running = new Set<ChildProcess>()

/** Ends what a failed test has left. Without it, the run would never end. */
export function killLeftServices(): void {
  for (const child of running) child.kill('SIGKILL')
}

interface Surroundings {
  /** Standard output and standard error: a pipe, or an open file. */
  readonly output?: readonly ['pipe' | number, 'pipe' | number]
  /** A limit of the shell, such as `-n 64`. */
  readonly ulimit?: string
}

/** A process of the service, as soon as it is spawned. `lines` come from the streams that are pipes. */
export function spawnService(
  settings: Settings,
  nodeOptions: readonly string[] = [],
  { output: [stdout, stderr] = ['pipe', 'pipe'], ulimit }: Surroundings = {},
): Omit<ServiceProcess, 'url' | 'dataDir'> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CLICKCOUNTER_'))
  const env = { ...Object.fromEntries([...inherited, ...START_ENV]), ...environmentOf(settings) }
  const command = [process.execPath, ...nodeOptions, MAIN]
  if (ulimit !== undefined) command.unshift('/bin/sh', '-c', `ulimit ${ulimit} && exec "$@"`, 'sh')
  const child = spawn(command[0]!, command.slice(1), { env, stdio: ['ignore', stdout, stderr] })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null)
      createInterface({ input: stream }).on('line', line => {
        lines.push(line)
        for (const look of waiting) look()
      })
  running.add(child)
  const exited = once(child, 'close').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  return {
    child,
    lines,
    exited,
    signal: signal => void child.kill(signal),
    line: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(line => pattern.test(line))
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void exited.then(() => reject(new Error(`exited before printing ${pattern}:\n${lines.join('\n')}`)))
      }),
  }
}

/** A service that accepts clicks, in a new directory unless DATA_DIR is set. */
export async function startServiceProcess(
  settings: Settings,
  nodeOptions: readonly string[] = [],
  surroundings: Surroundings = {},
): Promise<ServiceProcess> {
  const dataDir = settings.DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'clickcounter-service-')))
  const started = spawnService(
    { SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', ...settings, DATA_DIR: dataDir },
    nodeOptions,
    surroundings,
  )
  const line = await started.line(/listening on .*http:/)
  return { ...started, dataDir, url: /http:\/\/[^"\s]+/.exec(line)![0] }
}

/** Stops it in order. Resolves with its exit code. */
export function stopService(
  service: Pick<ServiceProcess, 'url' | 'signal' | 'exited'>,
): Promise<number | null> {
  service.signal('SIGTERM')
  void endKeptConnections(service.url)
  return service.exited
}

/** A service that stops keeps idle connections for a while. Those of fetch end with their next answer. */
async function endKeptConnections(url: string): Promise<void> {
  try {
    for (;;) await (await bareFetch(`${url}/health/live`)).text()
  } catch {
    // No connection is left, and a new one is refused.
  }
}

/** Stops it in order, or by force when it does not, and removes its directory. */
export async function endService(service: ServiceProcess): Promise<number | null> {
  const timer = setTimeout(() => service.signal('SIGKILL'), 12_000)
  const code = await stopService(service)
  clearTimeout(timer)
  await rm(service.dataDir, { recursive: true, force: true })
  return code
}
