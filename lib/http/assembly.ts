import type { IncomingMessage } from 'node:http'
import type net from 'node:net'
import type { AddressInfo } from 'node:net'
import { Sessions } from '../access/sessions.ts'
import type { ReportFailure } from '../base/report-failure.ts'
import type { ThreadBooks } from '../books/thread-books.ts'
import type { BotRules } from '../bots/bot-rules.ts'
import type { Recorder } from '../ingest/recorder.ts'
import { Admission } from './access/admission.ts'
import { countingKeyFinder } from './access/counting-key.ts'
import { sessionReader } from './access/session-reader.ts'
import { startApi } from './api/server.ts'
import { Forwarded } from './entrance/forwarded.ts'
import { newEntrance } from './entrance/new-entrance.ts'
import { HotLane } from './lane/lane.ts'
import { closeDoor, createDoor, openDoor } from './listener/door.ts'
import { HttpConnections } from './listener/http-connections.ts'
import { Turns } from './listener/turns.ts'
import { allRoutes, type RoutesOptions } from './routes.ts'

type MadeHere = 'admission' | 'clients' | 'entrance' | 'factReader' | 'forwarded' | 'sessions' | 'turns'

interface HttpOptions extends Omit<RoutesOptions, MadeHere> {
  readonly recorder: Recorder
  readonly books: ThreadBooks
  /** null: bots are not told from people. */
  readonly bots: BotRules | null
  readonly maxConnections: number
  /** As in Config. */
  readonly trustedProxies: readonly string[]
  readonly isHotLaneOn: boolean
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Share the port with the other request threads. */
  readonly reusePort: boolean
  readonly reportFailure: ReportFailure
}

/** The lane, or Node's HTTP server: each reads the connections that it holds. */
interface Reader {
  /** From here on, answers say that the connection ends. */
  close(): void
  endIdle(): void
  /** Cuts every connection, and stops the timer that looks for late ones. */
  destroy(): void
}

/** Puts the HTTP server of one request thread together, and opens it. Every answer goes into the books. */
export async function openHttp(options: HttpOptions) {
  const { books, access, reportFailure, host, port, reusePort, now } = options
  // 1. The entrance: the one way to the recorder, for the lane and for Hapi's routes.
  const { entrance, clients, factReader } = newEntrance({
    ...options,
    ...options.sources,
    lookup: options.banners.lookup,
    hasCountingKey: countingKeyFinder(access),
  })
  // 2. Hapi, started before any request comes: until then it would close the connection after every answer.
  const forwarded = new Forwarded(options.trustedProxies, () => books.countMalformedForwarded())
  const sessions = new Sessions(access.keyring, now)
  const admission = new Admission({
    access,
    books,
    readSession: sessionReader(sessions, forwarded),
    clientOf: request => forwarded.networkOf(request.raw.req),
  })
  const turns = new Turns()
  const handler = await startApi({
    routes: allRoutes({ ...options, entrance, clients, factReader, admission, forwarded, sessions, turns }),
    admission,
    isHealthPublic: options.sources.config.access.isHealthPublic,
    reportFailure,
  })
  // 3. Node's HTTP server, in front of Hapi: it refuses an ambiguous request before Hapi routes it.
  const clientOf = (request: IncomingMessage) => forwarded.networkOf(request)
  const http = new HttpConnections({ books, handler, clientOf, turns })
  // 4. The lane, after the server: the first piece that the lane reads may be one to hand over.
  //    It gets each connection back with the next request that it takes.
  const lane: HotLane | null = options.isHotLaneOn
    ? new HotLane({
        ...{ entrance, clients, factReader, books, reportFailure },
        handOver: socket => http.take(socket, lane),
      })
    : null
  // 5. The door, in front of both. It gives each connection to one reader: two would count its clicks twice.
  const doorOptions = {
    maxConnections: options.maxConnections,
    clientOf: (socket: net.Socket) => forwarded.networkOfPeer(socket),
    noteRefused: () => books.refuseConnection(),
  }
  const door = createDoor(doorOptions, socket => (lane ?? http).take(socket))
  // 6. Opened last: a connection that comes before the steps above would have no reader.
  await openDoor(door, { host, port, reusePort })
  return {
    door,
    port: (door.address() as AddressInfo).port,
    stop: (graceMs: number) => stopHttp(door, lane === null ? [http] : [lane, http], graceMs),
  }
}

/**
 * Stops accepting, and lets what has arrived be answered. A connection that is kept alive ends with its next
 * answer, which says so. It is not cut at once: a proxy in front may have just sent a request on it, and that
 * request would fail.
 */
async function stopHttp(door: net.Server, readers: readonly Reader[], graceMs: number): Promise<void> {
  // 1. The door closes first. A connection that is accepted after step 3 would stay until step 4.
  const { closed } = await closeDoor(door)
  // 2. From here on, answers say that the connection ends. Before step 1, which takes a while, the clients
  //    would come back through the open door.
  for (const reader of readers) reader.close()
  // 3. After half of the time, idle connections end, and each of the others as soon as it is idle.
  const idleTimer = setTimeout(() => {
    for (const reader of readers) reader.endIdle()
  }, graceMs / 2)
  // 4. After all of it, the rest is cut: half-sent requests, answers that nobody reads.
  const cutTimer = setTimeout(() => {
    for (const reader of readers) reader.destroy()
  }, graceMs)
  await closed
  clearTimeout(idleTimer)
  clearTimeout(cutTimer)
  // 5. No connection is left, so the timers stop. Earlier, late connections would stay until step 4.
  for (const reader of readers) reader.destroy()
}
