import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { ClickCounterError } from '../../lib/base/errors.ts'
import type { PostgresUser } from './as-user.ts'
import type { PostgresBinaries } from './binaries.ts'
import { type ClusterPaths, giveTo } from './cluster.ts'
import { findPostmaster, isRunning } from './postmaster.ts'
import { launch, withoutStamps } from './run-command.ts'

/** What it takes to run Postgres on one cluster. */
export interface Installation {
  readonly paths: ClusterPaths
  readonly binaries: PostgresBinaries
  readonly user: PostgresUser
}

/** A start may include a crash recovery. */
const START_MS = 60_000
const POLL_MS = 10

/**
 * First Postgres finishes what it is doing. If that takes too long, it stops as in a
 * crash, and still loses nothing.
 */
const STOP_STEPS = [
  { signal: 'SIGINT', patienceMs: 10_000 },
  { signal: 'SIGQUIT', patienceMs: 4000 },
] as const

/**
 * Starts Postgres with these settings (`name=value`), which override postgresql.conf, and waits until it
 * accepts connections. Resolves with null, or with the words of a Postgres that did not start.
 *
 * Without pg_ctl: it starts a shell, which would expand a `$` in the directory's name.
 */
export async function startCluster(
  { paths, binaries, user }: Installation,
  settings: readonly string[],
): Promise<string | null> {
  await giveTo(user, paths.cluster)
  // We open it, because the user that Postgres runs as may not be allowed to create
  // files in the data directory.
  const log = await open(paths.logFile, 'a+', 0o600)
  try {
    await giveTo(user, paths.logFile)
    const { size: logBytesBefore } = await log.stat()
    const args = ['-D', paths.cluster, ...settings.flatMap(setting => ['-c', setting])]
    const pid = await launch(user.command(binaries.postgres, args), log.fd)
    return (await isReadyInTime(paths.cluster, pid)) ? null : await textSince(log, logBytesBefore)
  } finally {
    await log.close()
  }
}

/** False when the process ends instead. Ends a process that takes too long. */
async function isReadyInTime(cluster: string, pid: number): Promise<boolean> {
  const giveUpAtMs = performance.now() + START_MS
  while (isRunning(pid)) {
    const found = await findPostmaster(cluster)
    if (found?.pid === pid && found.isReady) return true
    if (performance.now() > giveUpAtMs) process.kill(pid, 'SIGQUIT')
    await setTimeout(POLL_MS)
  }
  return false
}

async function textSince(log: FileHandle, start: number): Promise<string> {
  const text = Buffer.alloc((await log.stat()).size - start)
  await log.read(text, 0, text.length, start)
  return withoutStamps(text.toString('utf8'))
}

/** Stops Postgres and cuts off its clients. Does nothing when it is down. Rejects when it does not stop. */
export async function stopCluster(paths: ClusterPaths): Promise<void> {
  const found = await findPostmaster(paths.cluster)
  if (found === null) return
  for (const { signal, patienceMs } of STOP_STEPS) {
    process.kill(found.pid, signal)
    if (await endsWithin(found.pid, patienceMs)) return
  }
  throw new ClickCounterError(
    'EMBEDDED_POSTGRES_STUCK',
    `The embedded Postgres (process ${found.pid}) does not stop; ${paths.logFile} may say why. ` +
      'The next start uses it as it is.',
  )
}

async function endsWithin(pid: number, timeoutMs: number): Promise<boolean> {
  const giveUpAtMs = performance.now() + timeoutMs
  while (isRunning(pid)) {
    if (performance.now() > giveUpAtMs) return false
    await setTimeout(POLL_MS)
  }
  return true
}
