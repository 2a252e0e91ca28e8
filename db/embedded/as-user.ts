import { dirname } from 'node:path'
import { StartError } from '../../lib/base/errors.ts'
import { type Command, runCommand } from './run-command.ts'

/** The user that the programs of Postgres run as. */
export interface PostgresUser {
  /**
   * The owner that the cluster must have, as this process sees it; undefined on
   * systems whose files have none.
   */
  readonly ownerId: number | undefined
  /** The command that runs a program as this user. */
  command(file: string, args: readonly string[]): Command
}

const NOBODY_ID = 65534

const ourselves: PostgresUser = {
  ownerId: process.getuid?.(),
  command: (file, args) => ({ file, args }),
}

/**
 * How root runs Postgres, which refuses to run as root. Inside a user namespace, Postgres sees itself
 * as nobody. Outside it is still root: files stay root's, and Postgres can enter directories that
 * only root can enter (/root).
 */
const nobodyInside: PostgresUser = {
  ownerId: 0,
  command: (file, args) => ({
    file: 'unshare',
    args: ['--user', `--map-user=${NOBODY_ID}`, `--map-group=${NOBODY_ID}`, file, ...args],
  }),
}

/**
 * How root runs it where user namespaces are missing: in most containers, and on systems other than Linux.
 */
const nobody: PostgresUser = {
  ownerId: NOBODY_ID,
  command: (file, args) => ({ file, args, uid: NOBODY_ID, gid: NOBODY_ID }),
}

/** Whether Postgres may be started on files of this owner: then no other user loses them. */
export function isOurs(ownerId: number): boolean {
  const ourId = process.getuid?.()
  return ourId === undefined || ownerId === ourId || (ourId === 0 && ownerId === NOBODY_ID)
}

/**
 * Ourselves; for root, the first of the two ways that can enter `dataDir` and run `postgresFile`. Throws
 * StartError when neither can.
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
