import { randomBytes } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { StartError } from '../../lib/base/errors.ts'
import { makeDirectory } from '../../lib/base/make-directory.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { choosePostgresUser } from './as-user.ts'
import { findBinaries } from './binaries.ts'
import {
  type ClusterPaths,
  checkClusterOwner,
  checkClusterVersion,
  clusterPaths,
  createCluster,
  isClusterMissing,
} from './cluster.ts'
import { type Installation, startCluster, stopCluster } from './control.ts'
import { findPostmaster, isRunning } from './postmaster.ts'
import { prepareDatabase } from './prepare-database.ts'
import { SOCKET_DIRECTORY, SOCKET_PORT, serverIn, socketPlace } from './socket.ts'
import { readServer, writeServer } from './url-file.ts'

export interface EmbeddedPostgres {
  /** Where it answers once it is up. Stays the same from one bringing up to the next. */
  readonly server: DatabaseServer
  /** Whether it was already running when it was brought up, because a killed service had left it. */
  readonly isAdopted: boolean
  /** Whether its first process runs. Cheap enough for every second. */
  isAlive(): boolean
  /**
   * Creates its cluster if there is none, adopts it if it still runs, or starts it: for the first time, or
   * again after it died. Rejects with StartError when that fails; may be repeated.
   */
  bringUp(): Promise<void>
  /**
   * Cuts off its clients and waits for its end: up to 10 s for an orderly one, then it ends as in a crash. Not
   * while it is brought up.
   */
  stop(): Promise<void>
}

interface Running {
  readonly pid: number
  readonly isAdopted: boolean
}

/** Given at every start, and not written to postgresql.conf, which belongs to the administrator. */
const SETTINGS = [
  'listen_addresses=',
  `unix_socket_directories=${SOCKET_DIRECTORY}`,
  // Without it, the port would come from PGPORT.
  `port=${SOCKET_PORT}`,
  'timezone=UTC',
  'log_timezone=UTC',
  // On, it writes two lines every five minutes to a file that nobody rotates.
  'log_checkpoints=off',
]

/** What Postgres says while processes of an earlier life remain, or while another start is under way. */
const SURVIVORS = /pre-existing shared memory block|lock file "postmaster.pid" (already exists|is empty)/
/** How long that may last. */
const SURVIVORS_PATIENCE_MS = 10_000

interface EmbeddedOptions {
  readonly dataDir: string
  readonly log: (message: string) => void
}

/**
 * The Postgres in `dataDir`, which is not brought up yet, with the address that it will have. It is a process
 * of its own, which goes on when this process dies. The caller must hold `dataDir`: nobody else may start a
 * Postgres in it at the same time.
 *
 * Throws StartError, whose message says what to do, for all that a later try could not mend: programs that are
 * missing or do not run, files of another version or another user, a lost password, a path that is too long.
 */
export async function openEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries()
  makeDirectory(options.dataDir, 0o711)
  const paths = clusterPaths(await realpath(options.dataDir))
  const user = await choosePostgresUser(binaries.postgres, paths.dataDir)
  const installation = { paths, binaries, user }

  await using undo = new AsyncDisposableStack()
  const place = undo.adopt(await socketPlace(paths.cluster), ({ remove }) => remove())
  const known = await readServer(paths.urlFile)
  let isMissing = await isClusterMissing(paths)
  if (!isMissing) await checkCluster(installation, known)
  const server = serverIn(place.directory, known?.password ?? randomBytes(24).toString('base64url'))
  // Before the cluster is made: swapped, a death between the steps would leave a cluster without its password.
  if (known?.host !== server.host) await writeServer(paths.urlFile, server)
  // Here and not at each try: while it cannot be made, the log would have a line every 10 s.
  if (isMissing) options.log(`creating the embedded Postgres in ${paths.cluster}`)

  let running: Running | null = null
  undo.move()
  return {
    server,
    get isAdopted() {
      return running?.isAdopted ?? false
    },
    isAlive: () => running !== null && isRunning(running.pid),
    async bringUp() {
      // Looked for again: since the last try, somebody may have restored one.
      if (isMissing && (await isClusterMissing(paths)))
        await createCluster(paths, binaries, user, server.password)
      // Once only: were it made again when its directory has gone, an empty database would take its place.
      isMissing = false
      running = null
      running = (await adopt(installation, server)) ?? (await start(installation, server))
      const { pid, isAdopted } = running
      const what = isAdopted
        ? 'took over the embedded Postgres that was left running'
        : 'the embedded Postgres is running'
      options.log(`${what}: process ${pid}, ${paths.cluster}`)
    },
    async stop() {
      // Before the place goes: where that is a link, clients would lose their way to a Postgres that runs on.
      // One that never answered is left as it is: it would not stop either, and its error says how to end it.
      if (running !== null) await stopCluster(paths)
      await place.remove()
    },
  }
}

/** Opens the Postgres in `dataDir` and brings it up. Throws StartError. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const embedded = await openEmbeddedPostgres(options)
  try {
    await embedded.bringUp()
    return embedded
  } catch (error) {
    await embedded.stop()
    throw error
  }
}

/** Throws StartError when the cluster cannot be started with what is here. `known` is what postgres.url says. */
async function checkCluster({ paths, binaries, user }: Installation, known: DatabaseServer | null) {
  await checkClusterVersion(paths, binaries)
  await checkClusterOwner(paths, user)
  if (known !== null) return
  throw new StartError(
    'EMBEDDED_POSTGRES_URL_FILE',
    `${paths.cluster} exists, but ${paths.urlFile}, which holds its password, does not: restore that file from ` +
      `a backup, or move ${paths.cluster} away to begin with an empty database.`,
  )
}

/** The Postgres that runs on the cluster, or null. Stops one that a service 1.0.0 left on a port. */
async function adopt({ paths }: Installation, server: DatabaseServer): Promise<Running | null> {
  const found = await findPostmaster(paths.cluster)
  if (found === null) return null
  if (!found.hasSocket) {
    await stopCluster(paths)
    return null
  }
  return (await prepareDatabase(server, found.pid)) ? { pid: found.pid, isAdopted: true } : null
}

async function start(installation: Installation, server: DatabaseServer): Promise<Running> {
  const { paths } = installation
  const giveUpAtMs = performance.now() + SURVIVORS_PATIENCE_MS
  for (;;) {
    const failure = await startCluster(installation, SETTINGS)
    const found = await findPostmaster(paths.cluster)
    if (failure === null && found !== null) return await finishStart(paths, server, found.pid)
    // A service that was killed may have started it just before us.
    const adopted = await adopt(installation, server)
    if (adopted !== null) return adopted
    // Or Postgres was killed, and some of its processes have not noticed yet. Only Postgres can tell when the
    // last one has gone, so we start it again.
    const isPassing = SURVIVORS.test(failure ?? '')
    if (!isPassing || performance.now() > giveUpAtMs) throw cannotStart(paths, failure)
    await setTimeout(100)
  }
}

async function finishStart(paths: ClusterPaths, server: DatabaseServer, pid: number): Promise<Running> {
  try {
    if (await prepareDatabase(server, pid)) return { pid, isAdopted: false }
  } catch (error) {
    await stopCluster(paths)
    throw error
  }
  throw cannotStart(paths, null)
}

function cannotStart(paths: ClusterPaths, failure: string | null): StartError {
  const isDiskFull = /No space left on device|Disk quota exceeded/.test(failure ?? '')
  return new StartError(
    'EMBEDDED_POSTGRES_START',
    `The embedded Postgres does not start${isDiskFull ? ' until there is room on its disk' : ''}; ` +
      `${paths.logFile} says why: ${failure ?? 'it ended at once'}`,
  )
}
