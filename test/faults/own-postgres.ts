import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterPaths } from '../../db/embedded/cluster.ts'
import { findPostmaster, isRunning } from '../../db/embedded/postmaster.ts'
import { readServer, urlOf } from '../../db/embedded/url-file.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { query, totalClicksIn, withClient } from '../support/database.ts'
import type { ServiceProcess } from '../support/process.ts'
import { startTcpPostgres, startTcpStandby, type TcpPostgres } from '../support/tcp-postgres.ts'
import { until } from '../support/until.ts'

export interface OwnPostgres {
  readonly process: TcpPostgres
  readonly server: DatabaseServer
  readonly url: string
  query<Row extends object>(sql: string): Promise<Row[]>
  /** Clicks of all banners, minutes and classes. */
  totalClicks(): Promise<number>
  /** Kills the first process, as the kernel does when memory runs out. */
  kill(): Promise<void>
  /** Stops all processes, then kills them: none can write what it still has in memory. */
  killAll(): Promise<void>
  /** Kills the process that serves the flush worker. Postgres then disconnects all clients and restarts. */
  killFlushBackend(): Promise<void>
  stop(): Promise<void>
  restart(): Promise<void>
  /** Stops every process: connections stay open, and nothing answers. Resolves with what continues them. */
  freeze(): Promise<() => void>
  /** Copies the cluster. Resolves with a function that restores the copy; it may be called many times. */
  keepCopy(): Promise<() => Promise<void>>
  /** Removes all tables. */
  clear(): Promise<void>
  remove(): Promise<void>
}

const removals = new Set<() => Promise<void>>()

/** Ends what an interrupted run has left. */
export async function stopOwnServers(): Promise<void> {
  await Promise.all([...removals].map(remove => remove()))
}

/** A Postgres for one test, which may do anything to it. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const directory = await newDirectory()
  return ownPostgres(directory, await startTcpPostgres(directory))
}

/** A standby of another one, with all that it has by now. `port`: a free one, unless it is given. */
export async function startOwnStandby(primary: OwnPostgres, port?: number): Promise<OwnPostgres> {
  const directory = await newDirectory()
  const standby = ownPostgres(directory, await startTcpStandby(directory, primary.process, port))
  await untilReceived(primary)
  return standby
}

/** Resolves when the one standby of this primary has all that was written before. */
export async function untilReceived(primary: OwnPostgres): Promise<void> {
  const [written] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn')
  await until(async () => {
    const [standby] = await primary.query<{ has: boolean }>(
      `SELECT replay_lsn >= '${written!.lsn}' AS has FROM pg_stat_replication`,
    )
    return standby?.has === true
  })
}

function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'clickcounter-own-postgres-'))
}

function ownPostgres(directory: string, postgres: TcpPostgres): OwnPostgres {
  const { server } = postgres
  let copies = 0
  const run = <Row extends object>(sql: string) => query<Row>(server, sql)
  /** Stops every process. Resolves with their ids. */
  const stopAll = async () => {
    const { pid } = (await findPostmaster(join(directory, 'postgres')))!
    return await withClient(server, async client => {
      // The first process before the others are listed: when it is stopped, it starts no more of them.
      process.kill(pid, 'SIGSTOP')
      const { rows } = await client.query<{ pid: number }>(
        'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
      )
      const pids = [pid, ...rows.map(row => row.pid)]
      for (const each of pids) process.kill(each, 'SIGSTOP')
      return pids
    })
  }
  const remove = async () => {
    removals.delete(remove)
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
  removals.add(remove)
  return {
    process: postgres,
    server,
    url: urlOf(server),
    query: run,
    totalClicks: () => withClient(server, totalClicksIn),
    kill: () => killPostmaster(directory),
    async killAll() {
      const pids = await stopAll()
      for (const pid of pids) process.kill(pid, 'SIGKILL')
      await until(() => !pids.some(isRunning))
    },
    async killFlushBackend() {
      const [backend] = await run<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'clickcounter flush'",
      )
      if (backend !== undefined) process.kill(backend.pid, 'SIGKILL')
    },
    stop: () => postgres.stop(),
    restart: () => postgres.restart(),
    async freeze() {
      const pids = await stopAll()
      return () => {
        for (const each of pids) process.kill(each, 'SIGCONT')
      }
    },
    async keepCopy() {
      const cluster = join(directory, 'postgres')
      const copy = join(directory, `copy-${++copies}`)
      const replace = async (from: string, to: string) => {
        await postgres.stop()
        await rm(to, { recursive: true, force: true })
        // Copies owners and modes as well: Postgres requires them.
        execFileSync('cp', ['-Rp', from, to])
        await postgres.restart()
      }
      await replace(cluster, copy)
      return () => replace(copy, cluster)
    },
    clear: async () => void (await run('DROP SCHEMA public CASCADE; CREATE SCHEMA public')),
    remove,
  }
}

/** Kills the embedded Postgres of a data directory, and resolves when it is gone. */
export async function killPostmaster(dataDir: string): Promise<void> {
  const { pid } = (await findPostmaster(join(dataDir, 'postgres')))!
  process.kill(pid, 'SIGKILL')
  await until(() => !isRunning(pid))
}

/** The embedded database of a service. */
export async function databaseOf({ dataDir }: ServiceProcess): Promise<Pick<OwnPostgres, 'query'>> {
  const server = (await readServer(clusterPaths(dataDir).urlFile))!
  return { query: <Row extends object>(sql: string) => query<Row>(server, sql) }
}
