import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { clusterPaths } from '../../db/embedded/cluster.ts'
import { chooseFreePort } from '../../db/embedded/port.ts'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { startEmbeddedPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { moveToServerCore } from '../cores.ts'
import { treeCpuSeconds } from '../cpu.ts'
import { missing, programPath } from '../tools.ts'
import type { Server } from '../turn.ts'
import { type PeerProcess, peerDirectory, spawnPeer } from './spawn.ts'

/** Servers that count clicks in other ways, each as its own guide would have it and tuned for speed. */

export interface RunningPeer extends Server {
  end(): Promise<void>
}

export interface Peer {
  readonly name: string
  /** What a click that was acknowledged survives. */
  readonly survives: string
  /** What a click is for it. */
  readonly path: string
  /** Whether its clicks go to 100 banners: one alone would be a row that all clicks wait for. */
  readonly isSpread?: boolean
  /** null when it can be started, otherwise what to install. */
  missing(): string | null
  start(): Promise<RunningPeer>
}

const nginx: Peer = {
  name: 'nginx + Lua shared dict',
  survives: 'a reload',
  path: '/counter/1',
  missing: () => missing(['nginx']),
  async start() {
    const directory = await peerDirectory()
    const port = await chooseFreePort()
    const config = await directory.configure('nginx.conf', { PORT: port })
    const url = `http://127.0.0.1:${port}`
    const args = ['-p', directory.path, '-c', config]
    return running(url, [await spawnPeer(programPath('nginx')!, args, port)], directory.remove)
  },
}

const webdis: Peer = {
  name: 'webdis + Redis HINCRBY',
  survives: 'nothing',
  path: '/HINCRBY/clicks/1/1',
  missing: () => missing(['redis-server', 'webdis']),
  async start() {
    const directory = await peerDirectory()
    const [redisPort, port] = [await chooseFreePort(), await chooseFreePort()]
    const redisConfig = await directory.configure('redis.conf', { PORT: redisPort })
    const config = await directory.configure('webdis.conf', { REDIS_PORT: redisPort, PORT: port })
    const url = `http://127.0.0.1:${port}`
    const redis = await spawnPeer(programPath('redis-server')!, [redisConfig], redisPort)
    const front = await spawnPeer(programPath('webdis')!, [config], port)
    return running(url, [front, redis], directory.remove, `${url}/HGET/clicks/1.txt`)
  },
}

const hapi: Peer = {
  name: 'Hapi + Joi, a Map',
  survives: 'nothing',
  path: '/counter/1',
  missing: () => null,
  async start() {
    const port = await chooseFreePort()
    const url = `http://127.0.0.1:${port}`
    return running(url, [await spawnPeer(process.execPath, [script('hapi.ts'), String(port)], port)])
  },
}

const fastify: Peer = {
  name: 'Fastify, an upsert a click',
  survives: 'power cuts',
  path: '/counter/1',
  isSpread: true,
  missing: () =>
    existsSync(new URL('./node_modules/fastify', import.meta.url))
      ? null
      : 'fastify is not installed: npm install --prefix bench/peers',
  async start() {
    const directory = await peerDirectory()
    const postgres = await startEmbeddedPostgres({ dataDir: directory.path, log: () => {} })
    await migrate(postgres.server, { kind: 'up' })
    const { user, password, name, port: databasePort } = postgres.server
    const databaseUrl = `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${databasePort}/${name}`
    const { pid } = (await findPostmaster(clusterPaths(directory.path).cluster))!
    moveToServerCore(pid)
    const port = await chooseFreePort()
    const url = `http://127.0.0.1:${port}`
    const args = [script('fastify.js'), String(port), databaseUrl]
    const server = await spawnPeer(process.execPath, args, port)
    const remove = async () => {
      await postgres.stop()
      await directory.remove()
    }
    return { ...running(url, [server], remove), databaseCpuSeconds: () => treeCpuSeconds(pid) }
  },
}

export const peers: readonly Peer[] = [nginx, webdis, hapi, fastify]

function running(
  url: string,
  processes: readonly PeerProcess[],
  remove = async () => {},
  totalUrl = `${url}/total`,
): RunningPeer {
  return {
    url,
    cpuSeconds: () => processes.reduce((sum, { pid }) => sum + treeCpuSeconds(pid), 0),
    databaseCpuSeconds: () => 0,
    async storedClicks() {
      const response = await fetch(totalUrl)
      const text = await response.text()
      if (response.ok) return Number(text)
      // webdis says so when the first click has not come yet.
      if (response.status === 404) return 0
      throw new Error(`${totalUrl} should answer with a number, but answers ${response.status}: ${text}`)
    },
    async end() {
      for (const process of processes) await process.end()
      await remove()
    },
  }
}

function script(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
