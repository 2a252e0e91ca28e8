import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { ClickCounterError } from '../../lib/errors.ts'
import type { PostgresUser } from './as-user.ts'
import type { PostgresBinaries } from './binaries.ts'
import { type ClusterPaths, giveTo } from './cluster.ts'
import { findPostmaster, isRunning } from './postmaster.ts'

/** All that is needed to run Postgres on one cluster. */
export interface Installation {
  readonly paths: ClusterPaths
  readonly binaries: PostgresBinaries
  readonly user: PostgresUser
}

/** Given at every start rather than kept in postgresql.conf, which so belongs to the administrator. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'timezone=UTC',
  'log_timezone=UTC',
  // Two lines every five minutes, in a file that nobody rotates.
  'log_checkpoints=off',
]

/** Crash recovery is part of a start. */
const START_SECONDS = 60

/** Postgres first finishes what it is doing; if that takes too long, it stops as in a crash, losing nothing. */
const STOP_MODES = [
  { mode: 'fast', seconds: 8 },
  { mode: 'immediate', seconds: 2 },
]

/** pg_ctl says that Postgres is down when postmaster.pid is gone, shortly before the process is. */
const LAST_STEPS_MS = 2000

/** Starts Postgres and waits until it accepts connections. Null, or what Postgres said when it did not start. */
export async function startCluster(installation: Installation, port: number): Promise<string | null> {
  const { paths, binaries, user } = installation
  await giveTo(user, paths.cluster)
  // Opened here, because the user that Postgres runs as may not be able to create files in the data directory.
  const log = await open(paths.logFile, 'a+', 0o600)
  try {
    await giveTo(user, paths.logFile)
    const { size: logBytesBefore } = await log.stat()
    const options = [`-p ${port}`, ...SETTINGS.map(setting => `-c ${setting}`)].join(' ')
    const started = await user.run(binaries.pgCtl, [
      ...['start', '--wait', '--silent', '--timeout', String(START_SECONDS)],
      ...['--pgdata', paths.cluster, '--log', paths.logFile, '--options', options],
    ])
    if (started.exitCode === 0) return null
    // pg_ctl itself only says "could not start server".
    const logged = Buffer.alloc((await log.stat()).size - logBytesBefore)
    await log.read(logged, 0, logged.length, logBytesBefore)
    return `${started.output.trim()}\n${logged.toString('utf8').trim()}`
  } finally {
    await log.close()
  }
}

/** Stops Postgres, cutting off its clients; nothing to do when it is down. Rejects when it does not stop. */
export async function stopCluster({ paths, binaries, user }: Installation): Promise<void> {
  // Asked first, because pg_ctl sends its signal to whatever process postmaster.pid names.
  const found = await findPostmaster(paths.cluster)
  if (found === null) return
  for (const { mode, seconds } of STOP_MODES) {
    await user.run(binaries.pgCtl, [
      ...['stop', '--wait', '--silent', '--timeout', String(seconds)],
      ...['--pgdata', paths.cluster, '--mode', mode],
    ])
    if (await endsWithin(found.pid, LAST_STEPS_MS)) return
  }
  throw new ClickCounterError(
    'EMBEDDED_POSTGRES_STUCK',
    `The embedded Postgres (process ${found.pid}) does not stop; ${paths.logFile} may say why. ` +
      'The next start uses it as it is.',
  )
}

async function endsWithin(pid: number, timeoutMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs
  while (isRunning(pid)) {
    if (performance.now() > giveUpAt) return false
    await setTimeout(10)
  }
  return true
}
