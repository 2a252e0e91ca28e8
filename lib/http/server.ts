import type http from 'node:http'
import Hapi from '@hapi/hapi'
import type pg from 'pg'
import type { ThreadBooks } from '../health/books.ts'
import type { HealthFacts } from '../health/report.ts'
import type { Recorder } from '../ingest/recorder.ts'
import { answerClientErrors } from './client-errors.ts'
import { refusal } from './refusal.ts'
import { counterRoutes } from './routes/counter.ts'
import { dashboardRoutes } from './routes/dashboard.ts'
import { healthRoutes } from './routes/health.ts'
import { statsRoute } from './routes/stats.ts'

export interface HttpServerOptions {
  readonly listener: http.Server
  readonly recorder: Recorder
  readonly books: ThreadBooks
  readonly facts: HealthFacts
  readonly pool: pg.Pool
  /** To be told to operators: a request failed for a reason that is not the client's. */
  readonly reportFailure: (what: string, error: Error) => void
  /** Resolves when every click acknowledged so far is in Postgres. */
  readonly flushBefore: () => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Hapi's server with every route, on a listener of ours. */
export async function createHttpServer(options: HttpServerOptions): Promise<Hapi.Server> {
  const { listener, recorder, books, facts, pool, reportFailure, flushBefore, now } = options
  const server = Hapi.server({
    listener,
    autoListen: false,
    debug: false,
    // closeListener drains; Hapi's own way waits for half-sent bodies.
    operations: { cleanStop: false },
    // Cookies mean nothing here, and browsers hold many that Hapi would refuse the click for.
    routes: { state: { parse: false } },
  })
  answerClientErrors(listener, books)
  server.events.on({ name: 'request', channels: ['error', 'app'] }, (_request, { error, channel }) => {
    reportFailure(channel === 'error' ? 'a request failed' : 'a request was refused', error as Error)
  })
  server.ext('onRequest', (request, h) => {
    const error = refusal(request.raw.req)
    if (error !== null) throw error
    return h.continue
  })
  server.route([
    ...counterRoutes(recorder, books),
    statsRoute(pool, flushBefore),
    ...healthRoutes(facts, now),
    ...dashboardRoutes(),
  ])
  // Starts no listening; from here on Hapi keeps connections alive.
  await server.start()
  return server
}
