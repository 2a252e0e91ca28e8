import { readFileSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/** The first process of a running Postgres. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
}

/** Postgres creates postmaster.pid and writes it at once. One that is empty for longer is what a power cut left. */
const EMPTY_FOR_MS = 5000

/**
 * The Postgres that is running on this cluster, or null.
 *
 * postmaster.pid alone does not tell: after a crash it may be empty, or the pid in it belong to any other program,
 * and Postgres refuses to start as long as that is so. Such a file is removed here, and no other: the pg_ctl of a
 * killed service may be starting Postgres at this moment, and without its file nobody would find that one. A file
 * whose process is gone is left to Postgres, which looks for survivors by what else is in it.
 */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const lockFile = join(cluster, 'postmaster.pid')
  const text = await readIfPresent(lockFile)
  if (text === undefined) return null
  if (text === '') {
    await removeIfOld(lockFile)
    return null
  }
  const lines = text.split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  // Negative: the single-user mode of an administrator, which is Postgres's to judge.
  if (!(pid > 0) || !exists(pid)) return null
  if ((await commandLine(pid)).includes(`postgres -D ${cluster} `)) return port > 0 ? { pid, port } : null
  // Asked again: a process that ended meanwhile had no command line, whatever it was.
  if (exists(pid)) await rm(lockFile, { force: true })
  return null
}

async function removeIfOld(lockFile: string): Promise<void> {
  const found = await stat(lockFile).catch(() => null)
  if (found?.size === 0 && Date.now() - found.mtimeMs > EMPTY_FOR_MS) await rm(lockFile, { force: true })
}

/** Whether this process is at work. Cheap enough for every second. */
export function isRunning(pid: number): boolean {
  return exists(pid) && !isZombie(pid)
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Where nobody reaps orphans (a container whose first process is npm), a dead Postgres goes on having a pid. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}

/** Program and arguments, a space behind each. Empty for zombies and for what may not be seen. */
async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return ((await readIfPresent(`/proc/${pid}/cmdline`)) ?? '').replaceAll('\0', ' ')
  }
  const { exitCode, output } = await runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)])
  return exitCode === 0 ? output.replace(/\n?$/, ' ') : ''
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // ESRCH: the process ended between open and read.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
