import { randomUUID } from 'node:crypto'
import Hapi, { type ServerRoute } from '@hapi/hapi'
import type { RequestHandler } from '../listener/http-connections.ts'
import { otherMethodRoutes } from './other-methods.ts'
import { unknownPathRoute } from './unknown-path.ts'

interface ApiOptions {
  readonly routes: readonly ServerRoute[]
  /** To be told to operators: a request failed for a reason that is not the client's. */
  readonly reportFailure: (what: string, error: Error, requestId: string | null) => void
}

/** Hapi with these routes. It neither listens nor sees connections: it answers the requests that it is given. */
export function createHapi({ routes, reportFailure }: ApiOptions): Hapi.Server {
  const server = Hapi.server({
    autoListen: false,
    debug: false,
    // The connections are not Hapi's to drain; see assembly.ts.
    operations: { cleanStop: false },
    // Cookies mean nothing here, and Hapi would refuse a click for many that browsers hold. Half of an answer is of no
    // use: no Range, no 206.
    routes: { state: { parse: false }, response: { ranges: false } },
    // Below that, a compressor costs more than it saves: /health, which is asked for often, would cost twice as much.
    compression: { minBytes: 4096 },
    // Hapi takes an answer without a body for this type, and would say that it depends on Accept-Encoding.
    mime: { override: { 'application/octet-stream': { compressible: false } } },
  })
  // It is part of every request's id, which clients see: Hapi's own names the host and the process.
  server.info.id = randomUUID()
  server.events.on({ name: 'request', channels: ['error', 'app'] }, (request, { error, channel }) => {
    const what = channel === 'error' ? 'a request failed' : 'a request was refused'
    reportFailure(what, error as Error, request.info.id)
  })
  server.ext('onPreResponse', ({ response, info }, h) => {
    // For clients who complain: the log has the same id, or an earlier one of a failure that goes on.
    if (response instanceof Error && response.output.statusCode === 500)
      response.output.headers['x-request-id'] = info.id
    return h.continue
  })
  server.route([...routes, ...otherMethodRoutes(routes), unknownPathRoute])
  return server
}

export async function startApi(options: ApiOptions): Promise<RequestHandler> {
  const server = createHapi(options)
  // Until then, Hapi closes the connection behind every answer.
  await server.start()
  return {
    serve: (event, request, response) => server.listener.emit(event, request, response),
    hasGet: path => server.match('get', path)?.method !== '*',
  }
}
