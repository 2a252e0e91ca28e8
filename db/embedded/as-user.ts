import { dirname } from 'node:path'
import { StartError } from '../../lib/base/errors.ts'
import { type Command, runCommand } from './run-command.ts'

/** Under which user the programs of Postgres run. */
export interface PostgresUser {
  /** Who must own the cluster, as this process sees it; undefined where files have no owners. */
  readonly ownerId: number | undefined
  /** The command that has this user run a program. */
  command(file: string, args: readonly string[]): Command
}

const nobodyId = 65534

const ourselves: PostgresUser = {
  ownerId: process.getuid?.(),
  command: (file, args) => ({ file, args }),
}

/**
 * Postgres refuses to run as root. In a user namespace of its own it sees itself as nobody, while outside it is
 * still root: files stay root's, and directories that only root can enter (/root) stay within reach.
 */
const nobodyInside: PostgresUser = {
  ownerId: 0,
  command: (file, args) => ({
    file: 'unshare',
    args: ['--user', `--map-user=${nobodyId}`, `--map-group=${nobodyId}`, file, ...args],
  }),
}

/** For root where there are no user namespaces: most containers, other systems than Linux. */
const nobody: PostgresUser = {
  ownerId: nobodyId,
  command: (file, args) => ({ file, args, uid: nobodyId, gid: nobodyId }),
}

/** Whether starting Postgres on files of this user takes them from nobody else. */
export function isOurs(ownerId: number): boolean {
  const ourId = process.getuid?.()
  return ourId === undefined || ownerId === ourId || (ourId === 0 && ownerId === nobodyId)
}

/**
 * Ourselves, or for root the first of the two ways that can enter `dataDir` and run `postgresFile`.
 * Throws StartError when neither can.
 */
export async function choosePostgresUser(postgresFile: string, dataDir: string): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return ourselves
  const answers: string[] = []
  for (const user of [nobodyInside, nobody]) {
    const enter = ['-c', 'cd "$0" && exec "$1" --version', dataDir, postgresFile]
    const tried = await runCommand(user.command('/bin/sh', enter))
    if (tried.exitCode === 0) return user
    answers.push(tried.output.trim())
  }
  throw new StartError(
    'EMBEDDED_POSTGRES_ROOT',
    `Postgres does not run as root, and an unprivileged user cannot enter ${dataDir} or ` +
      `${dirname(postgresFile)} (${answers.join('; ')}). Run the service as an ordinary user, or move the ` +
      'project and CLICKCOUNTER_DATA_DIR to directories that others can enter, or set ' +
      'CLICKCOUNTER_DATABASE_HOST.',
  )
}
