import Boom from '@hapi/boom'
import type { Request, ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { BulkTooWideError, JournalError, RingFullError } from '../../errors.ts'
import type { ThreadBooks } from '../../health/books.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { parseBannerId, wrongBannerId } from '../banner-id.ts'
import { readBody, unreadBody } from '../body.ts'
import { corsHeaders } from '../cors.ts'
import { isPrefetch } from '../prefetch.ts'
import { preflightRoute } from '../preflight.ts'
import { unavailable } from '../unavailable.ts'
import { allowCounting, countByGet, countByPost } from './counter-operations.ts'

/** What navigator.sendBeacon may send at the most. */
const MAX_BODY_BYTES = 64 * 1024

/** Of the answer to a click that is counted. */
export function clickHeaders(origin: string | null | undefined) {
  return { 'cache-control': 'no-store', ...corsHeaders(origin) }
}

/** GET and POST /counter/{id}: one click. */
export function counterRoutes(recorder: Recorder, books: ThreadBooks): ServerRoute[] {
  const count = (request: Request, bannerId: number): Promise<void> | void =>
    isPrefetch(request.raw.req.headers) ? books.ignorePrefetch() : recorder.record(bannerId, 1)
  const handler = async (request: Request, h: ResponseToolkit) => {
    const id = request.params.id as string
    const bannerId = parseBannerId(id)
    if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
    try {
      // Hapi answers HEAD through the route of GET.
      if (request.method !== 'head') await count(request, bannerId)
    } catch (error) {
      refuse(request, error as Error)
    }
    // Written here: what Hapi does for a response, of its body above all, costs more than all else of a click.
    request.raw.res.writeHead(204, clickHeaders(request.raw.req.headers.origin)).end()
    return h.abandon
  }
  return forAnyOrigin([
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
    preflightRoute('/counter/{id}', 'GET, POST', allowCounting),
  ])
}

/** Answers 503 for what the recorder has refused, 413 where no waiting would help. */
export function refuse(request: Request, error: Error): never {
  const refusal = refusalOf(error)
  if (refusal === null) throw error
  if (error.cause !== undefined) request.log('journal', error.cause as Error)
  throw refusal
}

/** The answer to clicks that were not counted. null: the recorder has not refused them, it has failed. */
export function refusalOf(error: Error): Boom.Boom | null {
  if (error instanceof BulkTooWideError) return Boom.entityTooLarge(error.message)
  return error instanceof RingFullError || error instanceof JournalError
    ? unavailable(error.message, 1)
    : null
}
