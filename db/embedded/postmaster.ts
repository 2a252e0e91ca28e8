import { readFileSync } from 'node:fs'
import { readFile, readlink, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import { SOCKET_DIRECTORY, SOCKET_NAME } from './socket.ts'

/** The first process of a running Postgres. */
interface Postmaster {
  readonly pid: number
  /** Whether clients find its socket where they look for it. */
  readonly hasSocket: boolean
  /** Whether it accepts connections. */
  readonly isReady: boolean
}

/**
 * Postgres creates postmaster.pid and writes it at once. A file that stays empty
 * longer was left by a power cut.
 */
const EMPTY_FOR_MS = 5000

/**
 * The Postgres that runs on this cluster, or null.
 *
 * postmaster.pid alone does not tell. After a crash it may be empty, or its pid may belong to another program
 * by now, and then Postgres refuses to start. Only such files are removed here. These stay:
 * - a fresh file: a killed service may have started a Postgres just now, and without its
 *   file nobody would find it;
 * - a file whose process has gone: Postgres reads in it where to look for its surviving processes;
 * - a file whose process we may not look at: Postgres decides.
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
  const pid = Number(lines[0])
  // A negative pid is an administrator's single-user mode. Postgres itself handles that file.
  if (!(pid > 0) || !exists(pid)) return null
  const isOurs = await isPostmasterOf(cluster, pid)
  if (isOurs) {
    const [socketDirectory, status] = [lines[4], lines[7]?.trim()]
    return { pid, hasSocket: socketDirectory === SOCKET_DIRECTORY, isReady: status === 'ready' }
  }
  // Look again: a process that ended meanwhile shows nothing, and may have been Postgres.
  if (isOurs === false && exists(pid))
    for (const name of ['postmaster.pid', `${SOCKET_NAME}.lock`])
      await rm(join(cluster, name), { force: true })
  return null
}

async function removeIfOld(lockFile: string): Promise<void> {
  const found = await stat(lockFile).catch(() => null)
  if (found?.size === 0 && Date.now() - found.mtimeMs > EMPTY_FOR_MS) await rm(lockFile, { force: true })
}

/** Whether this process runs. Cheap enough for every second. */
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

/** Where nobody reaps orphans (in a container whose first process is npm), a dead Postgres keeps its pid. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}

/**
 * Whether the process is a Postgres that works in this directory. Its path may be another one: a link, a
 * relative path, or an earlier name of the directory. Null when we cannot see it.
 */
async function isPostmasterOf(cluster: string, pid: number): Promise<boolean | null> {
  if (isZombie(pid)) return false
  try {
    const { program, directory } = await (process.platform === 'linux' ? lookInProc(pid) : askSystem(pid))
    if (!/(^|\/)postgres( \(deleted\))?$/.test(program)) return false
    const [worksIn, lies] = await Promise.all([stat(directory), stat(cluster)])
    return worksIn.dev === lies.dev && worksIn.ino === lies.ino
  } catch {
    return null
  }
}

interface Identity {
  readonly program: string
  /** A path to its working directory. */
  readonly directory: string
}

async function lookInProc(pid: number): Promise<Identity> {
  return { program: await readlink(`/proc/${pid}/exe`), directory: `/proc/${pid}/cwd` }
}

async function askSystem(pid: number): Promise<Identity> {
  const ps = await runCommand({ file: 'ps', args: ['-o', 'comm=', '-p', String(pid)] })
  const lsof = await runCommand({ file: 'lsof', args: ['-a', '-d', 'cwd', '-Fn', '-p', String(pid)] })
  if (ps.exitCode !== 0) throw new Error(ps.output)
  return { program: ps.output.trim(), directory: /^n(.+)$/m.exec(lsof.output)?.[1] ?? '' }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
