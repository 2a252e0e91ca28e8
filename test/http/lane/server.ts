import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import pg from 'pg'
import { KeyStore } from '../../../db/access/key-store.ts'
import { BannerStore } from '../../../db/banners/banner-store.ts'
import { StatsReader } from '../../../db/stats/read-stats.ts'
import type { ThreadAccess } from '../../../lib/access/thread-access.ts'
import type { ThreadBanners } from '../../../lib/banners/thread-banners.ts'
import { sumOverThreads } from '../../../lib/books/balance.ts'
import { readDurations } from '../../../lib/books/durations.ts'
import { ThreadBooks } from '../../../lib/books/thread-books.ts'
import { BotRules } from '../../../lib/bots/bot-rules.ts'
import { readConfig } from '../../../lib/config/read.ts'
import { FinalWatch } from '../../../lib/http/api/stats/final-watch.ts'
import { openHttp } from '../../../lib/http/assembly.ts'
import { BulkKeys } from '../../../lib/ingest/bulk-keys.ts'
import { KnownKeys } from '../../../lib/ingest/known-keys.ts'
import type { Recorder } from '../../../lib/ingest/recorder.ts'
import { StoredKeys } from '../../../lib/ingest/stored-keys.ts'
import type { THREAD_NUMBER } from '../../../lib/memory/layout.ts'
import { ClientTables } from '../../../lib/service/client-tables.ts'
import { newRecorder } from '../../ingest/new-recorder.ts'
import { noBanners } from '../../support/banners.ts'
import { openAccess } from '../../support/keys.ts'
import { environmentOf, type Settings } from '../../support/settings.ts'
import { CLICK } from './corpus/parts.ts'

/** Without any sign of what is waited for. */
const PATIENCE_MS = 10_000

/** A recorder that decides when the test does: nothing is counted but here. */
export class HeldRecorder {
  /** Banners, in the order of their clicks. */
  readonly clicked: number[] = []
  #outcome = Promise.withResolvers<void>()

  record(bannerId: number): Promise<void> {
    this.clicked.push(bannerId)
    return this.#outcome.promise
  }

  /** Clicks from now on have another outcome than those before, which is the test's to decide. */
  nextTick(): PromiseWithResolvers<void> {
    const outcome = this.#outcome
    this.#outcome = Promise.withResolvers()
    return outcome
  }
}

export interface LaneOptions {
  readonly isHotLaneOn?: boolean
  /** Of this module or of new-recorder.ts. */
  readonly recorder?: { record: Recorder['record'] }
  readonly maxConnections?: number
  readonly access?: ThreadAccess
  readonly banners?: ThreadBanners
  readonly settings?: Settings
  /** false: as on a Node that has not what a wire past its streams needs. */
  readonly isDirect?: boolean
}

const requestStarted = channel('http.server.request.start')

/** A request thread's HTTP, with a recorder of the test's, and no database. */
export async function startLane(options: LaneOptions = {}) {
  const failures: { what: string; error: Error; requestId: string | null }[] = []
  const env = environmentOf(options.settings ?? {})
  const { config } = readConfig({ env, cwd: process.cwd(), cores: 1 })
  const {
    memory,
    ring,
    recorder: ownRecorder,
  } = newRecorder({
    maxBanners: 1024,
    duplicateWindowMs: config.classes.duplicateWindowMs,
    clientClicksPerMinute: config.clientClicksPerMinute,
  })
  new ClientTables(memory).look(Date.now())
  const { door, port, stop } = await openHttp({
    host: '127.0.0.1',
    port: 0,
    reusePort: false,
    maxConnections: options.maxConnections ?? 1000,
    trustedProxies: config.server.trustedProxies,
    corsOrigins: config.access.corsOrigins,
    isHotLaneOn: options.isHotLaneOn ?? true,
    recorder: (options.recorder ?? ownRecorder) as Recorder,
    books: new ThreadBooks(memory, 0, Date.now),
    bots: config.classes.areBotsClassed ? new BotRules(null) : null,
    fleet: { read: () => Promise.reject(new Error('no database')) },
    sources: { memory, ring, config, instance: 'test:1', version: '' },
    statsReader: new StatsReader(new pg.Pool()),
    reportFailure: (what, error, requestId) => failures.push({ what, error, requestId }),
    flushBefore: () => Promise.resolve(),
    finalWatch: new FinalWatch(async () => []),
    access: options.access ?? openAccess(),
    banners: options.banners ?? noBanners,
    bannerStore: new BannerStore(new pg.Pool()),
    keys: new KeyStore(new pg.Pool()),
    bulkKeys: new BulkKeys(
      new KnownKeys(memory, Date.now),
      new StoredKeys({
        read: () => Promise.resolve(new Map()),
        isDatabaseDown: () => true,
        monotonicMs: () => 0,
      }),
    ),
    now: Date.now,
  })
  if (options.isDirect === false)
    door.prependListener('connection', socket => Reflect.set(handleOf(socket), 'useUserBuffer', undefined))
  const sockets: Socket[] = []
  const clientPorts = new Set<number | undefined>()
  door.on('connection', socket => {
    sockets.push(socket)
    clientPorts.add(socket.remotePort)
  })
  let requests = 0
  const countRequest = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    if (clientPorts.has(request.socket.remotePort)) requests++
  }
  requestStarted.subscribe(countRequest)
  let stopping: Promise<void> | null = null
  return {
    door,
    failures,
    port,
    /** The server's side of every connection so far. */
    sockets,
    /** How many requests have come as far as the HTTP server. */
    requests: () => requests,
    booked: (name: keyof typeof THREAD_NUMBER) => sumOverThreads(memory, name),
    durations: () => readDurations(memory, [memory.answerDurationsIndex(0, 'counting')]),
    /** As when the service stops; a second call waits for the first. */
    stop: (graceMs = 0) =>
      (stopping ??= stop(graceMs).finally(() => requestStarted.unsubscribe(countRequest))),
  }
}

export type LaneServer = Awaited<ReturnType<typeof startLane>>

/** Lets turns pass until something has happened in this process. */
export async function until(what: string, hasHappened: () => boolean): Promise<void> {
  const startedAtNs = process.hrtime.bigint()
  while (!hasHappened()) {
    if (process.hrtime.bigint() - startedAtNs > PATIENCE_MS * 1_000_000) throw new Error(`${what}: never`)
    await nextTurn()
  }
}

export function clickOf(bannerId: number): string {
  return CLICK.replace(/\d+/, String(bannerId))
}

interface Handle {
  onread: object
  readonly writeQueueSize: number
  useUserBuffer(buffer: Buffer): void
  writeLatin1String(...args: never[]): number
}

/** Node's own object for a connection. */
export function handleOf(socket: Socket): Handle {
  return Reflect.get(socket, '_handle')
}

/** Whether answers wait for a client that does not read them: with Node's stream, as many as it wants. */
export function holdsAnswers(socket: Socket): boolean {
  return handleOf(socket).writeQueueSize > 0 && (socket.writableLength === 0 || socket.writableNeedDrain)
}

/** How many connections the server holds. */
export function connectionCount(door: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    door.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )
}
