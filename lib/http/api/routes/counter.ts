import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import Boom from '@hapi/boom'
import type { Request, ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { BulkTooWideError, JournalError, RingFullError } from '../../../base/errors.ts'
import type { ThreadBooks } from '../../../books/thread-books.ts'
import type { Recorder } from '../../../ingest/recorder.ts'
import { VALID } from '../../../rows/classes.ts'
import { parseBannerId, wrongBannerId } from '../../entrance/banner-id.ts'
import { corsHeaders } from '../../entrance/cors.ts'
import { isPrefetch } from '../../entrance/prefetch.ts'
import { unavailable } from '../../entrance/unavailable.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { readBody, unreadAnything } from '../body.ts'
import { preflightRoute } from '../preflight.ts'
import {
  allowCounting,
  allowCountingByPixel,
  countByGet,
  countByPixel,
  countByPost,
} from './counter-operations.ts'

/** What navigator.sendBeacon may send at the most. */
const MAX_BODY_BYTES = 64 * 1024

/** Of the answer to a click that is counted. */
export function clickHeaders(origin: string | null | undefined) {
  return { 'cache-control': 'no-store', ...corsHeaders(origin) }
}

/** A transparent GIF of one pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')
const pixelHeaders = { 'content-type': 'image/gif', 'content-length': PIXEL.length } as const

/** GET and POST /counter/{id}, GET /counter/{id}.gif: one click. */
export function counterRoutes(recorder: Recorder, books: ThreadBooks): ServerRoute[] {
  const count = (request: Request, bannerId: number): Promise<void> | void =>
    isPrefetch(request.raw.req.headers) ? books.ignorePrefetch() : recorder.record(bannerId, VALID, 1)
  // Written to Node: what Hapi does for a response, of its body above all, costs more than all else of a click.
  const countThen =
    (send: (response: ServerResponse, headers: OutgoingHttpHeaders) => void) =>
    async (request: Request, h: ResponseToolkit) => {
      const id = request.params.id as string
      const bannerId = parseBannerId(id)
      if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
      try {
        // Hapi answers HEAD through the route of GET.
        if (request.method !== 'head') await count(request, bannerId)
      } catch (error) {
        refuse(request, error as Error)
      }
      send(request.raw.res, clickHeaders(request.raw.req.headers.origin))
      return h.abandon
    }
  const handler = countThen((response, headers) =>
    response.writeHead(204, { ...headers, ...keptAlive(response) }).end(),
  )
  const pixelHandler = countThen((response, headers) =>
    response.writeHead(200, { ...headers, ...pixelHeaders }).end(PIXEL),
  )
  return forAnyOrigin([
    { method: 'GET', path: '/counter/{id}', handler, options: { plugins: { operation: countByGet } } },
    {
      method: 'POST',
      path: '/counter/{id}',
      handler: async (request, h) => {
        // Ignored, but it has to arrive: a request that breaks off is no click.
        await readBody(request, MAX_BODY_BYTES)
        return handler(request, h)
      },
      options: { payload: unreadAnything, plugins: { operation: countByPost } },
    },
    preflightRoute('/counter/{id}', 'GET, POST', allowCounting),
    {
      method: 'GET',
      path: '/counter/{id}.gif',
      handler: pixelHandler,
      options: { plugins: { operation: countByPixel } },
    },
    preflightRoute('/counter/{id}.gif', 'GET', allowCountingByPixel),
  ])
}

/** Node takes an answer without Content-Length for one that only the connection's end ends, in HTTP/1.0. */
function keptAlive(response: ServerResponse): OutgoingHttpHeaders {
  const { req, shouldKeepAlive } = response
  const isKept = req.httpVersion === '1.0' && shouldKeepAlive && !response.hasHeader('connection')
  return isKept ? { connection: 'keep-alive' } : {}
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
