import type net from 'node:net'
import type { AddressInfo } from 'node:net'
import type { ThreadBooks } from '../books/thread-books.ts'
import { startApi } from './api/server.ts'
import { Entrance } from './entrance/entrance.ts'
import { HotLane } from './lane/lane.ts'
import { closeDoor, createDoor, openDoor } from './listener/door.ts'
import { HttpConnections } from './listener/http-connections.ts'
import { allRoutes, type RoutesOptions } from './routes.ts'

interface HttpOptions extends RoutesOptions {
  readonly books: ThreadBooks
  readonly maxConnections: number
  readonly isHotLaneOn: boolean
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Share the port with the other request threads. */
  readonly reusePort: boolean
  /** To be told to operators: clicks or requests failed for a reason that is not the client's. */
  readonly reportFailure: (what: string, error: Error, requestId: string | null) => void
}

/** The lane, and Node's HTTP server: each holds connections. */
interface Reader {
  /** From here on, answers say that the connection ends. */
  close(): void
  endIdle(): void
  /** Cuts every connection, and ends what looks after them. */
  destroy(): void
}

/** Puts the HTTP server of one request thread together, and opens it. Every answer goes into the books. */
export async function openHttp(options: HttpOptions) {
  const { recorder, books, reportFailure, host, port, reusePort } = options
  // 1. The entrance: the one way to the recorder, for the lane and for Hapi's routes.
  const entrance = new Entrance(recorder, books)
  // 2. Hapi, started. Before that, it would close the connection behind every answer.
  const handler = await startApi({ routes: allRoutes(entrance, options), reportFailure })
  // 3. Node's HTTP server, in front of Hapi. Behind Hapi, an ambiguous request would be routed before it is refused.
  const http = new HttpConnections(books, handler)
  // 4. The lane, in front of that. The first piece that it reads may be one to hand over.
  const lane = options.isHotLaneOn
    ? new HotLane({ entrance, books, reportFailure, handOver: socket => http.take(socket) })
    : null
  // 5. The door, in front of all. A connection has one reader: two would count its clicks twice.
  const door = createDoor(options.maxConnections)
  door.on('connection', socket => (lane ?? http).take(socket))
  // 6. Open last: a click that comes before the steps above would meet nobody.
  await openDoor(door, { host, port, reusePort })
  return {
    door,
    port: (door.address() as AddressInfo).port,
    stop: (graceMs: number) => stopHttp(door, lane === null ? [http] : [lane, http], graceMs),
  }
}

/**
 * Stops accepting, and lets what has arrived be answered. A connection that is kept alive ends with its next answer,
 * which says so: a proxy in front has perhaps just taken it for a request, and would see that fail on one that is cut.
 */
async function stopHttp(door: net.Server, readers: readonly Reader[], graceMs: number): Promise<void> {
  // 1. The door closes first: a connection that is accepted behind step 3 would stay until step 4.
  const { closed } = await closeDoor(door)
  // 2. From here on, answers say that the connection ends. Not sooner: waiting for a quiet tick takes a while.
  for (const reader of readers) reader.close()
  // 3. After half of the time, connections that are idle end, and each of the others once it is.
  const idleTimer = setTimeout(() => readers.forEach(reader => void reader.endIdle()), graceMs / 2)
  // 4. After all of it, what has not been answered is cut: half-sent requests, answers that nobody reads.
  const cutTimer = setTimeout(() => readers.forEach(reader => void reader.destroy()), graceMs)
  await closed
  clearTimeout(idleTimer)
  clearTimeout(cutTimer)
  // 5. Nothing is left to cut by now. What looks after connections ends.
  for (const reader of readers) reader.destroy()
}
