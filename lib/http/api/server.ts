import { randomUUID } from 'node:crypto'
import type http from 'node:http'
import Hapi from '@hapi/hapi'
import type { StatsReader } from '../../../db/stats/read-stats.ts'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { HealthFacts } from '../../health/report.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { answerClientErrors } from '../listener/client-errors.ts'
import { refuseAmbiguous } from '../listener/refusal.ts'
import { dashboardRoutes } from '../pages/dashboard.ts'
import { documentationRoutes } from '../pages/documentation.ts'
import { otherMethodRoutes } from './other-methods.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { counterRoutes } from './routes/counter.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoute } from './routes/metrics.ts'
import { statsRoute } from './routes/stats.ts'

export interface HttpServerOptions {
  readonly listener: http.Server
  readonly recorder: Recorder
  readonly books: ThreadBooks
  readonly facts: HealthFacts
  readonly statsReader: StatsReader
  /** To be told to operators: a request failed for a reason that is not the client's. */
  readonly reportFailure: (what: string, error: Error, requestId: string | null) => void
  /** Resolves when every click acknowledged so far is in Postgres. Rejects when the signal is given first. */
  readonly flushBefore: (signal: AbortSignal) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Hapi's server with every route, on a listener of ours. */
export async function createHttpServer(options: HttpServerOptions): Promise<Hapi.Server> {
  const { listener, recorder, books, facts, statsReader, reportFailure, flushBefore, now } = options
  const server = Hapi.server({
    listener,
    autoListen: false,
    debug: false,
    // closeListener drains; Hapi's own way waits for half-sent bodies.
    operations: { cleanStop: false },
    // Cookies mean nothing here, and browsers hold many that Hapi would refuse the click for.
    // And half of an answer is of use to nobody: no Range, no 206.
    routes: { state: { parse: false }, response: { ranges: false } },
    // Below that a compressor costs more than it saves: /health, asked for often, twice as much as without.
    compression: { minBytes: 4096 },
  })
  // Part of every request's id, which clients get to see: Hapi's own names the host and the process.
  server.info.id = randomUUID()
  answerClientErrors(listener, books)
  refuseAmbiguous(listener, path => server.match('get', path)?.method !== '*')
  server.events.on({ name: 'request', channels: ['error', 'app'] }, (request, { error, channel }) => {
    const what = channel === 'error' ? 'a request failed' : 'a request was refused'
    reportFailure(what, error as Error, request.info.id)
  })
  server.ext('onPreResponse', ({ response, info }, h) => {
    // For whoever complains: the same id is in the log, or an earlier one of a failure that goes on.
    if (response instanceof Error && response.output.statusCode === 500)
      response.output.headers['x-request-id'] = info.id
    return h.continue
  })
  const routes = [
    ...counterRoutes(recorder, books),
    ...bulkRoutes(recorder),
    statsRoute(statsReader, flushBefore),
    ...healthRoutes(facts, now),
    metricsRoute(facts),
    ...documentationRoutes(),
    ...dashboardRoutes(),
  ]
  server.route([...routes, ...otherMethodRoutes(routes)])
  // Starts no listening; from here on Hapi keeps connections alive.
  await server.start()
  return server
}
