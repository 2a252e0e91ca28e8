import { mkdir, realpath } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { DatabaseServer } from '../lib/config/config.ts'
import { StartError } from '../lib/errors.ts'
import { choosePostgresUser } from './embedded/as-user.ts'
import { findBinaries } from './embedded/binaries.ts'
import {
  type ClusterPaths,
  checkClusterVersion,
  clusterPaths,
  createCluster,
  isClusterMissing,
} from './embedded/cluster.ts'
import { type Installation, startCluster, stopCluster } from './embedded/control.ts'
import { chooseFreePort, isPortFree } from './embedded/port.ts'
import { findPostmaster, isRunning } from './embedded/postmaster.ts'
import { prepareDatabase } from './embedded/prepare-database.ts'
import { newServer, readServer, writeServer } from './embedded/url-file.ts'

export interface EmbeddedPostgres {
  readonly server: DatabaseServer
  /** Whether it was already running: left behind by a service that was killed. */
  readonly isAdopted: boolean
  /** Whether its first process runs. Cheap. */
  isAlive(): boolean
  /** After it died: starts it again, on the same port. Rejects with StartError when that fails; may be repeated. */
  restart(): Promise<void>
  /** Cuts off its clients and waits for its end: at most 8 s in good order, then as in a crash. */
  stop(): Promise<void>
}

interface Running {
  readonly pid: number
  readonly server: DatabaseServer
  readonly isAdopted: boolean
}

/** What Postgres says while processes of an earlier life are still there, or another start is under way, … */
const SURVIVORS = /pre-existing shared memory block|lock file "postmaster.pid" (already exists|is empty)/
/** … and how long that may last. */
const SURVIVORS_PATIENCE_MS = 10_000

/**
 * Brings up the Postgres that lives in `dataDir`: creates it at the first start, adopts it when it is still
 * running. It is a process of its own that outlives this one, whatever becomes of this one. Nobody else may be
 * starting it in the same `dataDir` at the same time.
 *
 * Throws StartError, with a message that says what to do.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string
  log: (message: string) => void
}): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries()
  await mkdir(options.dataDir, { recursive: true })
  const paths = clusterPaths(await realpath(options.dataDir))
  const user = await choosePostgresUser(binaries.postgres, paths.dataDir)
  const installation = { paths, binaries, user }

  const known = await openCluster(installation, options.log)
  const first = (await adopt(paths, known)) ?? (await start(installation, await withFreePort(known)))
  const { server, isAdopted } = first
  if (server.port !== known.port) await writeServer(paths.urlFile, server)
  const how = isAdopted ? 'was still running and is used' : 'is running'
  options.log(`The embedded Postgres ${how}: process ${first.pid}, port ${server.port}, ${paths.cluster}`)

  let { pid } = first
  return {
    server,
    isAdopted,
    isAlive: () => isRunning(pid),
    async restart() {
      const again = (await adopt(paths, server)) ?? (await start(installation, server))
      if (again.server.port !== server.port) throw movedAway(server.port, again.server.port)
      pid = again.pid
    },
    stop: () => stopCluster(installation),
  }
}

/** Password and port of the cluster, which is created when there is none. */
async function openCluster(
  installation: Installation,
  log: (message: string) => void,
): Promise<DatabaseServer> {
  const { paths, binaries, user } = installation
  const known = await readServer(paths.urlFile)
  if (await isClusterMissing(paths)) {
    log(`Creating the embedded Postgres in ${paths.cluster}`)
    const server = known ?? (await newServer())
    // Before the cluster: one without its password could not be used.
    if (known === null) await writeServer(paths.urlFile, server)
    await createCluster(paths, binaries, user, server.password)
    return server
  }
  await checkClusterVersion(paths, binaries)
  if (known !== null) return known
  throw new StartError(
    'EMBEDDED_POSTGRES_URL_FILE',
    `${paths.cluster} exists, but ${paths.urlFile}, which holds its password, does not: restore that file from ` +
      `a backup, or move ${paths.cluster} away to begin with an empty database.`,
  )
}

async function withFreePort(server: DatabaseServer): Promise<DatabaseServer> {
  return (await isPortFree(server.port)) ? server : { ...server, port: await chooseFreePort() }
}

/** The Postgres that is running on the cluster, or null. */
async function adopt(paths: ClusterPaths, known: DatabaseServer): Promise<Running | null> {
  const found = await findPostmaster(paths.cluster)
  if (found === null) return null
  const server = { ...known, port: found.port }
  return (await prepareDatabase(server, found.pid)) ? { pid: found.pid, server, isAdopted: true } : null
}

async function start(installation: Installation, server: DatabaseServer): Promise<Running> {
  const { paths } = installation
  const giveUpAt = performance.now() + SURVIVORS_PATIENCE_MS
  for (;;) {
    const failure = await startCluster(installation, server.port)
    const found = await findPostmaster(paths.cluster)
    if (failure === null && found !== null) return await finishStart(installation, server, found.pid)
    // The start of a service that was killed right after may have been faster.
    const adopted = await adopt(paths, server)
    if (adopted !== null) return adopted
    // Or Postgres was killed, and some of its processes have not noticed yet. Only Postgres can tell when the
    // last one is gone, so it is asked again.
    const isPassing = SURVIVORS.test(failure ?? '')
    if (!isPassing || performance.now() > giveUpAt) throw cannotStart(paths, failure)
    await setTimeout(100)
  }
}

async function finishStart(
  installation: Installation,
  server: DatabaseServer,
  pid: number,
): Promise<Running> {
  try {
    if (await prepareDatabase(server, pid)) return { pid, server, isAdopted: false }
  } catch (error) {
    await stopCluster(installation)
    throw error
  }
  throw cannotStart(installation.paths, null)
}

function cannotStart(paths: ClusterPaths, failure: string | null): StartError {
  return new StartError(
    'EMBEDDED_POSTGRES_START',
    `The embedded Postgres does not start; ${paths.logFile} says why: ${failure ?? 'it ended at once'}`,
  )
}

function movedAway(port: number, presentPort: number): StartError {
  return new StartError(
    'EMBEDDED_POSTGRES_PORT',
    `Somebody started the embedded Postgres on port ${presentPort} instead of ${port}: start the service again.`,
  )
}
