import { mkdir, realpath } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { choosePostgresUser } from '../../db/embedded/as-user.ts'
import { findBinaries } from '../../db/embedded/binaries.ts'
import { clusterPaths, createCluster } from '../../db/embedded/cluster.ts'
import { startCluster, stopCluster } from '../../db/embedded/control.ts'
import { findPostmaster, isRunning } from '../../db/embedded/postmaster.ts'
import { prepareDatabase } from '../../db/embedded/prepare-database.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { chooseFreePort } from './free-port.ts'

/** When Postgres is killed, its other processes notice a moment later. Until they end, it cannot start again. */
const SURVIVORS = /pre-existing shared memory block/

export interface TcpPostgres {
  readonly server: DatabaseServer
  isAlive(): boolean
  /** Starts it again, with the same data and on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A new Postgres in `dataDir`/postgres that listens on a loopback port, as a database elsewhere does. */
export async function startTcpPostgres(dataDir: string): Promise<TcpPostgres> {
  const binaries = await findBinaries()
  await mkdir(dataDir, { recursive: true })
  const paths = clusterPaths(await realpath(dataDir))
  const user = await choosePostgresUser(binaries.postgres, paths.dataDir)
  const server: DatabaseServer = {
    host: '127.0.0.1',
    port: await chooseFreePort(),
    user: 'clickcounter',
    password: 'of a test',
    name: 'clickcounter',
    sslMode: 'disable',
  }
  await createCluster(paths, binaries, user, server.password)
  let pid = 0
  const start = async () => {
    const port = `port=${server.port}`
    const settings = ['listen_addresses=127.0.0.1', port, 'unix_socket_directories=', 'timezone=UTC']
    let failure = await startCluster({ paths, binaries, user }, settings)
    while (failure !== null && SURVIVORS.test(failure)) {
      await setTimeout(20)
      failure = await startCluster({ paths, binaries, user }, settings)
    }
    const found = await findPostmaster(paths.cluster)
    if (found === null) throw new Error(`Postgres does not start: ${failure}`)
    pid = found.pid
    await prepareDatabase(server, pid)
  }
  await start()
  return { server, isAlive: () => isRunning(pid), restart: start, stop: () => stopCluster(paths) }
}
