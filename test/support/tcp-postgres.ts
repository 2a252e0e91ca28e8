import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect, discard } from '../../db/connection/connect.ts'
import { choosePostgresUser } from '../../db/embedded/as-user.ts'
import { findBinaries } from '../../db/embedded/binaries.ts'
import { clusterPaths, createCluster, giveTo } from '../../db/embedded/cluster.ts'
import { type Installation, startCluster, stopCluster } from '../../db/embedded/control.ts'
import { findPostmaster, isRunning } from '../../db/embedded/postmaster.ts'
import { prepareDatabase } from '../../db/embedded/prepare-database.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { chooseFreePort } from './free-port.ts'

/** When Postgres is killed, its other processes notice a moment later. Until they end, it cannot start again. */
const SURVIVORS = /pre-existing shared memory block/

export interface TcpPostgres {
  readonly server: DatabaseServer
  readonly cluster: string
  isAlive(): boolean
  /** Starts it again, with the same data and on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A new Postgres in `dataDir`/postgres that listens on a loopback port, as a database elsewhere does. */
export async function startTcpPostgres(dataDir: string): Promise<TcpPostgres> {
  const installation = await installIn(dataDir)
  const server = await serverAt()
  await createCluster(installation.paths, installation.binaries, installation.user, server.password)
  return await started(installation, server, async pid => void (await prepareDatabase(server, pid)))
}

/** A standby that is a copy of a Postgres that runs, and receives from it what is written from now on. */
export async function startTcpStandby(
  dataDir: string,
  primary: TcpPostgres,
  port?: number,
): Promise<TcpPostgres> {
  const installation = await installIn(dataDir)
  const { cluster } = installation.paths
  await copyRunning(primary, cluster)
  await receiveFrom(primary.server, cluster)
  for (const file of ['backup_label', 'standby.signal']) await giveTo(installation.user, join(cluster, file))
  return await started(installation, await serverAt(port), async () => {})
}

async function installIn(dataDir: string): Promise<Installation> {
  const binaries = await findBinaries()
  await mkdir(dataDir, { recursive: true })
  const paths = clusterPaths(await realpath(dataDir))
  return { paths, binaries, user: await choosePostgresUser(binaries.postgres, paths.dataDir) }
}

async function serverAt(port?: number): Promise<DatabaseServer> {
  return {
    host: '127.0.0.1',
    port: port ?? (await chooseFreePort()),
    user: 'clickcounter',
    password: 'of a test',
    name: 'clickcounter',
    sslMode: 'disable',
  }
}

async function started(
  installation: Installation,
  server: DatabaseServer,
  prepare: (pid: number) => Promise<void>,
): Promise<TcpPostgres> {
  const { paths } = installation
  let pid = 0
  const start = async () => {
    const port = `port=${server.port}`
    const settings = ['listen_addresses=127.0.0.1', port, 'unix_socket_directories=', 'timezone=UTC']
    let failure = await startCluster(installation, settings)
    while (failure !== null && SURVIVORS.test(failure)) {
      await setTimeout(20)
      failure = await startCluster(installation, settings)
    }
    const found = await findPostmaster(paths.cluster)
    if (found === null) throw new Error(`Postgres does not start: ${failure}`)
    pid = found.pid
    await prepare(pid)
  }
  await start()
  return {
    server,
    cluster: paths.cluster,
    isAlive: () => isRunning(pid),
    restart: start,
    stop: () => stopCluster(paths),
  }
}

/** As pg_basebackup does, which does not come with the embedded Postgres. */
async function copyRunning({ server, cluster }: TcpPostgres, copy: string): Promise<void> {
  const client = await connect(server, 'clickcounter test')
  await client.query("SELECT pg_backup_start('a copy', fast => true)")
  // Copies owners and modes as well: Postgres requires them.
  execFileSync('cp', ['-Rp', cluster, copy])
  const { rows } = await client.query<{ labelfile: string }>(
    'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
  )
  discard(client)
  await rm(join(copy, 'postmaster.pid'))
  await writeFile(join(copy, 'backup_label'), rows[0]!.labelfile)
}

async function receiveFrom({ host, port, user, password }: DatabaseServer, cluster: string): Promise<void> {
  const from = `host=${host} port=${port} user=${user} password='${password}'`
  const setting = `primary_conninfo = '${from.replaceAll("'", "''")}'\n`
  await appendFile(join(cluster, 'postgresql.auto.conf'), setting)
  await writeFile(join(cluster, 'standby.signal'), '')
}
