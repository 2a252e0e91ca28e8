import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../db/embedded/embedded.ts'
import { findPostmaster, isRunning } from '../../../db/embedded/postmaster.ts'
import { StartError } from '../../../lib/base/errors.ts'
import { until } from '../../support/until.ts'

const directories: string[] = []
let template: string | null = null

/** A directory that is removed after the test, together with the Postgres that runs in its `data`. */
export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'clickcounter-embedded-'))
  directories.push(directory)
  return directory
}

/** The data directory of a stopped Postgres. It is a copy, because a new one takes long to make. */
export async function makeDataDir(): Promise<string> {
  const dataDir = join(await makeDirectory(), 'data')
  if (template === null) {
    const made = join(await mkdtemp(join(tmpdir(), 'clickcounter-template-')), 'data')
    await (await startQuietly(made)).stop()
    template = made
  }
  await cp(template, dataDir, { recursive: true })
  return dataDir
}

export async function cleanUpAfterTest(): Promise<void> {
  for (const directory of directories.splice(0)) {
    const running = await findPostmaster(join(directory, 'data', 'postgres'))
    if (running !== null) {
      process.kill(running.pid, 'SIGQUIT')
      await until(() => !isRunning(running.pid))
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

export async function removeTemplate(): Promise<void> {
  if (template !== null) await rm(join(template, '..'), { recursive: true })
  template = null
}

export function startQuietly(dataDir: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, log: () => {} })
}

/** The error of a start that must fail. */
export async function startError(dataDir: string): Promise<StartError> {
  try {
    await startQuietly(dataDir)
  } catch (error) {
    if (error instanceof StartError) return error
    throw error
  }
  throw new Error('It started.')
}

/** Starts Postgres from another process, which ends only when it is killed. Resolves with the id of that process. */
export async function startInChild(dataDir: string): Promise<{ pid: number; isStarted: Promise<unknown> }> {
  const embedded = JSON.stringify(new URL('../../../db/embedded/embedded.ts', import.meta.url).href)
  const program = `
    const { startEmbeddedPostgres } = await import(${embedded})
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: () => {} })
    console.log('started')
    setInterval(() => {}, 1000)`
  // A process group of its own, as in a terminal, where Ctrl-C reaches the whole group.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child, 'spawn')
  return { pid: child.pid!, isStarted: once(child.stdout, 'data') }
}
