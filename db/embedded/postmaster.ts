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

/** Postgres creates postmaster.pid and writes it at once. One that is empty for longer is what a power cut left. */
const EMPTY_FOR_MS = 5000

/**
 * The Postgres that is running on this cluster, or null.
 *
 * postmaster.pid alone does not tell: after a crash it may be empty, or the pid in it belong to any other program,
 * and Postgres refuses to start as long as that is so. Such a file is removed here, and no other: the Postgres of a
 * killed service may be starting at this moment, and without its file nobody would find that one. A file whose
 * process is gone is left to Postgres, which looks for survivors by what else is in it; one whose process may not
 * be looked at is left to Postgres as well.
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
  // Negative: the single-user mode of an administrator, which is Postgres's to judge.
  if (!(pid > 0) || !exists(pid)) return null
  const isOurs = await isPostmasterOf(cluster, pid)
  if (isOurs) {
    const [socketDirectory, status] = [lines[4], lines[7]?.trim()]
    return { pid, hasSocket: socketDirectory === SOCKET_DIRECTORY, isReady: status === 'ready' }
  }
  // Asked again: of a process that ended meanwhile nothing is to be seen, whatever it was.
  if (isOurs === false && exists(pid))
    for (const name of ['postmaster.pid', `${SOCKET_NAME}.lock`])
      await rm(join(cluster, name), { force: true })
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

/**
 * Whether the process is a Postgres that works in this directory, by whatever name it was told of it: a link, a
 * relative path, a name that the directory no longer has. Null when that cannot be seen.
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
  /** A path of its working directory. */
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
