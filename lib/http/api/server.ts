import { randomUUID } from 'node:crypto'
import Hapi, { type HTTP_METHODS, type ServerRoute } from '@hapi/hapi'
import type { ReportFailure } from '../../base/report-failure.ts'
import type { Admission } from '../access/admission.ts'
import { addStrategies } from '../access/scheme.ts'
import type { RequestHandler } from '../listener/http-connections.ts'
import { MAX_READ_BYTES } from '../listener/limits.ts'
import type { Route } from './operations/operation.ts'
import { otherMethodRoutes } from './other-methods.ts'
import { unknownPathRoute } from './unknown-path.ts'

interface ApiOptions {
  readonly routes: readonly Route[]
  /** Decides who is let in. */
  readonly admission: Admission
  readonly isHealthPublic: boolean
  readonly reportFailure: ReportFailure
}

/** Hapi with these routes. It does not listen or see connections: it answers the requests it is given. */
export function createHapi({ routes, admission, isHealthPublic, reportFailure }: ApiOptions): Hapi.Server {
  const server = Hapi.server({
    autoListen: false,
    debug: false,
    // Hapi has no connections to drain; assembly.ts ends them.
    operations: { cleanStop: false },
    // Cookies are not parsed: they mean nothing here, and Hapi would refuse a click over many that browsers
    // hold. No answer is sent in ranges: half of one is of no use.
    routes: { state: { parse: false }, response: { ranges: false } },
    // On shorter answers a compressor costs more than it saves: /health, asked often, would cost double.
    compression: { minBytes: 4096 },
    mime: {
      override: {
        // Hapi gives this type to an answer without a body, and would add `Vary: Accept-Encoding` to it.
        'application/octet-stream': { compressible: false },
        // Hapi does not know this type, and would not compress it.
        'application/x-ndjson': { compressible: true },
      },
    },
  })
  // This id is part of every request's id, which clients see. Hapi's own names the host and the process.
  server.info.id = randomUUID()
  server.events.on({ name: 'request', channels: ['error', 'app'] }, (request, { error, channel }) => {
    const what = channel === 'error' ? 'a request failed' : 'a request was refused'
    reportFailure(what, error as Error, request.info.id)
  })
  server.ext('onPreResponse', ({ response, info }, h) => {
    // A client who complains can name the id. The log has it, or that of an earlier request that failed in
    // the same way.
    if (response instanceof Error && response.output.statusCode === 500)
      response.output.headers['x-request-id'] = info.id
    return h.continue
  })
  // Before the routes, which name its strategies.
  addStrategies(server, admission)
  const all = [...routes, ...otherMethodRoutes(routes), unknownPathRoute]
  server.route(all.map(route => withAuth(route, isHealthPublic)))
  return server
}

/** Routes that only refuse are for everybody. The document says what holds with these settings. */
function withAuth(route: Route, isHealthPublic: boolean): ServerRoute {
  const { operation } = route.options.plugins
  if (operation === null) return { ...route, options: { ...route.options, auth: false } }
  const access = operation.access === 'health' ? (isHealthPublic ? 'public' : 'operate') : operation.access
  const plugins = { ...route.options.plugins, operation: { ...operation, access } }
  return { ...route, options: { ...route.options, plugins, auth: access === 'public' ? false : access } }
}

/** Starts Hapi, and returns its way of answering. */
export async function startApi(options: ApiOptions): Promise<RequestHandler> {
  const server = createHapi(options)
  // Before any request is served: until it has started, Hapi closes the connection after every answer.
  await server.start()
  return {
    serve: (event, request, response) => server.listener.emit(event, request, response),
    hasGet: path => server.match('get', path)?.method !== '*',
    maxBodyBytes: (method, path) => maxBodyBytes(server, method, path),
  }
}

/** How long a body the route takes. A path that Hapi cannot read has none. */
function maxBodyBytes(server: Hapi.Server, method: string, path: string): number {
  const route = path.startsWith('/') ? server.match(method.toLowerCase() as HTTP_METHODS, path) : null
  return route?.settings.payload?.maxBytes ?? MAX_READ_BYTES
}
