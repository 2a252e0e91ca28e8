import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { clusterPaths } from '../../db/embedded/cluster.ts'
import { startEmbeddedPostgres } from '../../db/embedded/embedded.ts'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { urlOf } from '../../db/embedded/url-file.ts'
import { migrate } from '../../db/schema/migrate.ts'
import { compiled } from '../machine/c-program.ts'
import { moveToServerCore } from '../machine/cores.ts'
import { treeCpuSeconds } from '../machine/cpu.ts'
import { missing, programPath } from '../machine/programs.ts'
import type { Server } from '../measuring/server.ts'
import { freePort, peerDirectory, spawnPeer } from './spawn.ts'

/** Servers that count clicks in other ways, each as its own guide does it, and tuned for speed. */

export interface RunningPeer extends Server {
  end(): Promise<void>
}

export interface Peer {
  readonly name: string
  /** What a click that was acknowledged survives. */
  readonly survives: string
  /** The path that counts a click. */
  readonly path: string
  /** Whether its clicks go to 100 banners. All clicks would wait for the row of a single one. */
  readonly isSpread?: boolean
  /** null when it can be started, otherwise what to install. */
  missing(): string | null
  start(): Promise<RunningPeer>
}

/** One that may be left to the system to place. */
interface PlacedPeer extends Peer {
  start(isPinned?: boolean): Promise<RunningPeer>
}

export const nginx: PlacedPeer = {
  name: 'nginx + Lua shared dict',
  survives: 'a reload',
  path: '/counter/1',
  missing: () => missing(['nginx']),
  start: (isPinned = true) =>
    startPeer(async parts => {
      const directory = parts.use(await peerDirectory())
      const port = await freePort()
      const config = await directory.configure('nginx.conf', { PORT: port })
      const args = ['-p', directory.path, '-c', config]
      const server = parts.use(await spawnPeer(programPath('nginx')!, args, port, isPinned))
      return counting(port, [server.pid])
    }),
}

const webdis: Peer = {
  name: 'webdis + Redis HINCRBY',
  survives: 'nothing',
  path: '/HINCRBY/clicks/1/1',
  missing: () => missing(['redis-server', 'webdis']),
  start: () =>
    startPeer(async parts => {
      const directory = parts.use(await peerDirectory())
      const [redisPort, port] = [await freePort(), await freePort()]
      const redisConfig = await directory.configure('redis.conf', { PORT: redisPort })
      const config = await directory.configure('webdis.conf', { REDIS_PORT: redisPort, PORT: port })
      const redis = parts.use(await spawnPeer(programPath('redis-server')!, [redisConfig], redisPort))
      const front = parts.use(await spawnPeer(programPath('webdis')!, [config], port))
      return counting(port, [front.pid, redis.pid], '/HGET/clicks/1.txt')
    }),
}

const hapi: Peer = {
  name: 'Hapi + Joi, a Map',
  survives: 'nothing',
  path: '/counter/1',
  missing: () => null,
  start: () =>
    startPeer(async parts => {
      const port = await freePort()
      const server = parts.use(await spawnPeer(process.execPath, [script('hapi.ts'), String(port)], port))
      return counting(port, [server.pid])
    }),
}

const fastify: Peer = {
  name: 'Fastify, an upsert a click',
  survives: 'power cuts',
  path: '/counter/1',
  isSpread: true,
  missing: () =>
    existsSync(new URL('./node_modules/fastify', import.meta.url))
      ? null
      : 'fastify is not installed: npm ci --prefix bench/peers',
  start: () =>
    startPeer(async parts => {
      const directory = parts.use(await peerDirectory())
      const postgres = await startEmbeddedPostgres({ dataDir: directory.path, log: () => {} })
      parts.defer(() => postgres.stop())
      await migrate(postgres.server, { kind: 'up' })
      const postmaster = (await findPostmaster(clusterPaths(directory.path).cluster))!
      moveToServerCore(postmaster.pid)
      const port = await freePort()
      const args = [script('fastify.js'), String(port), urlOf(postgres.server)]
      const server = parts.use(await spawnPeer(process.execPath, args, port))
      return {
        ...counting(port, [server.pid]),
        databaseCpuSeconds: () => treeCpuSeconds(postmaster.pid),
      }
    }),
}

/** What the kernel takes for a click, and no counter can save. */
export const floor: PlacedPeer = {
  name: 'the floor',
  survives: 'nothing',
  path: '/counter/1',
  missing: () => missing(['cc']),
  start: (isPinned = true) =>
    startPeer(async parts => {
      const port = await freePort()
      const program = compiled(new URL('floor.c', import.meta.url))
      const server = parts.use(await spawnPeer(program, [String(port)], port, isPinned))
      return counting(port, [server.pid])
    }),
}

/** Those that count. */
export const peerServers: readonly Peer[] = [nginx, webdis, hapi, fastify]

/** Starts the parts of a peer. They end, the last first, when one cannot start, or with the peer. */
async function startPeer(start: (parts: AsyncDisposableStack) => Promise<Server>): Promise<RunningPeer> {
  await using parts = new AsyncDisposableStack()
  const server = await start(parts)
  const running = parts.move()
  return { ...server, end: () => running.disposeAsync() }
}

/** A server on loopback without a database, which answers with its total at a path of its own. */
function counting(port: number, pids: readonly number[], totalPath = '/total'): Server {
  const url = `http://127.0.0.1:${port}`
  const accepted = async () => {
    const response = await fetch(url + totalPath)
    const text = await response.text()
    if (response.ok) return Number(text)
    // webdis answers so until the first click.
    if (response.status === 404) return 0
    throw new Error(`${url}${totalPath} should answer with a number, but answers ${response.status}: ${text}`)
  }
  return {
    url,
    cpuSeconds: () => pids.reduce((sum, pid) => sum + treeCpuSeconds(pid), 0),
    databaseCpuSeconds: () => 0,
    accepted,
    async totals() {
      const total = await accepted()
      return { accepted: total, stored: total }
    },
  }
}

function script(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
