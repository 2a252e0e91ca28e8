import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import { parseBannerId, wrongBannerId } from '../../../banners/banner-id.ts'
import { NO_CONTENT, PIXEL } from '../../entrance/click-answers.ts'
import { MAX_BODY_BYTES } from '../../entrance/click-body.ts'
import type { Entrance } from '../../entrance/entrance.ts'
import { factsOf } from '../../entrance/facts.ts'
import type { Answer } from '../../listener/answer.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { readBody, unreadAnything } from '../body.ts'
import type { Route } from '../operations/operation.ts'
import { preflightRoute } from '../preflight.ts'
import { throwRefusal } from '../throw-refusal.ts'
import {
  allowCounting,
  allowCountingByPixel,
  countByGet,
  countByPixel,
  countByPost,
} from './counter-operations.ts'

/** GET and POST /counter/{id}, GET /counter/{id}.gif: one click. */
export function counterRoutes(entrance: Entrance): Route[] {
  const countThen = (answer: Answer) => {
    const respond = responder(answer)
    return async (request: Request, h: ResponseToolkit) => {
      const id = request.params.id as string
      const bannerId = parseBannerId(id)
      if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
      try {
        // Hapi answers HEAD through the route of GET.
        if (request.method !== 'head') await entrance.enter(bannerId, factsOf(request.raw.req.headers))
      } catch (error) {
        throwRefusal(request, error as Error)
      }
      return respond(request, h)
    }
  }
  const handler = countThen(NO_CONTENT)
  return forAnyOrigin([
    { method: 'GET', path: '/counter/{id}', handler, options: { plugins: { operation: countByGet } } },
    {
      method: 'POST',
      path: '/counter/{id}',
      handler: async (request, h) => {
        // The body is ignored, but must arrive first: a request that breaks off is not a click.
        await readBody(request, MAX_BODY_BYTES)
        return handler(request, h)
      },
      options: { payload: unreadAnything, plugins: { operation: countByPost } },
    },
    preflightRoute('/counter/{id}', 'GET, POST', allowCounting),
    {
      method: 'GET',
      path: '/counter/{id}.gif',
      handler: countThen(PIXEL),
      options: { plugins: { operation: countByPixel } },
    },
    preflightRoute('/counter/{id}.gif', 'GET', allowCountingByPixel),
  ])
}

/** Returns what makes Hapi's form of an answer. forAnyOrigin adds the headers for the page's origin. */
function responder({ statusCode, headers, bodyHeaders, body }: Answer) {
  const fields = Object.entries({ ...headers, ...bodyHeaders })
  const bytes = Buffer.from(body, 'latin1')
  return (request: Request, h: ResponseToolkit): ResponseObject => {
    const response = bytes.length > 0 ? h.response(bytes) : emptyResponse(request, h)
    response.code(statusCode)
    for (const [name, value] of fields) response.header(name, String(value))
    return needsKeepAlive(request.raw.res) ? response.header('connection', 'keep-alive') : response
  }
}

/**
 * To HEAD, Hapi would send Content-Length: 0, which a 204 must not have. An empty stream avoids that: Hapi
 * does not know its length.
 */
function emptyResponse(request: Request, h: ResponseToolkit): ResponseObject {
  if (request.method !== 'head') return h.response()
  return request.generateResponse(null, {
    variety: 'empty',
    marshal: async () => Readable.from([], { objectMode: false }),
  })
}

/**
 * Whether the answer has to say that the connection stays open. In HTTP/1.0, Node takes an answer without
 * Content-Length for one that ends with the connection.
 */
function needsKeepAlive(response: ServerResponse): boolean {
  const { req, shouldKeepAlive } = response
  return req.httpVersion === '1.0' && shouldKeepAlive && !response.hasHeader('connection')
}
