import Boom from '@hapi/boom'
import type { Request, ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { JournalError, RingFullError } from '../../errors.ts'
import type { ThreadBooks } from '../../health/books.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { parseBannerId, wrongBannerId } from '../banner-id.ts'
import { readBody, unreadBody } from '../body.ts'
import { isPrefetch } from '../prefetch.ts'
import { unavailable } from '../unavailable.ts'
import { allowCounting, countByGet, countByPost } from './counter-operations.ts'

/** What navigator.sendBeacon may send at the most. */
const MAX_BODY_BYTES = 64 * 1024

/** GET and POST /counter/{id}: one click. */
export function counterRoutes(recorder: Recorder, books: ThreadBooks): ServerRoute[] {
  const handler = async (request: Request, h: ResponseToolkit) => {
    const id = request.params.id as string
    const bannerId = parseBannerId(id)
    if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
    // Hapi answers HEAD through the route of GET.
    if (request.method !== 'head') {
      if (isPrefetch(request.raw.req.headers)) books.ignorePrefetch()
      else await recorder.record(bannerId, 1).catch(error => refuse(request, error))
    }
    return h
      .response()
      .code(204)
      .header('cache-control', 'no-store')
      .header('access-control-allow-origin', '*')
  }
  return [
    { method: 'GET', path: '/counter/{id}', handler, options: { plugins: { openapi: countByGet } } },
    {
      method: 'POST',
      path: '/counter/{id}',
      handler: async (request, h) => {
        // Ignored, but it has to arrive: a request that breaks off is no click.
        await readBody(request, MAX_BODY_BYTES)
        return handler(request, h)
      },
      // Any type will do, also one that cannot be parsed.
      options: {
        payload: { ...unreadBody, override: 'application/octet-stream' },
        plugins: { openapi: countByPost },
      },
    },
    {
      method: 'OPTIONS',
      path: '/counter/{id}',
      handler: allowOtherOrigins,
      options: { plugins: { openapi: allowCounting } },
    },
  ]
}

function refuse(request: Request, error: unknown): never {
  if (!(error instanceof RingFullError || error instanceof JournalError)) throw error
  if (error.cause !== undefined) request.log('journal', error.cause as Error)
  throw unavailable(error.message, 1)
}

/** A preflight: any page may send a click. */
function allowOtherOrigins(_request: Request, h: ResponseToolkit) {
  return h
    .response()
    .code(204)
    .header('access-control-allow-origin', '*')
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', 'Content-Type')
    .header('access-control-max-age', '86400')
}
