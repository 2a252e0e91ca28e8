import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import { parseBannerId, wrongBannerId } from '../../banners/banner-id.ts'
import { type Clients, NO_CLIENT } from '../entrance/clients.ts'
import type { Entrance } from '../entrance/entrance.ts'
import type { FactReader } from '../entrance/facts.ts'
import type { ClickForm } from '../entrance/ruling.ts'
import type { Answer } from '../listener/answer.ts'
import { throwRefusal } from './throw-refusal.ts'

/** What routes of clicks need. */
export interface ClickRoutesOptions {
  readonly entrance: Entrance
  readonly factReader: FactReader
  readonly clients: Clients
}

/** Takes one click of a route with a banner id. */
export function clickHandler({ entrance, factReader, clients }: ClickRoutesOptions, form: ClickForm) {
  return async (request: Request, h: ResponseToolkit): Promise<ResponseObject> => {
    const id = request.params.id as string
    const bannerId = parseBannerId(id)
    if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
    const { headers, url, socket } = request.raw.req
    // Hapi answers HEAD through the route of GET.
    const counts = request.method !== 'head'
    const facts = factReader.read(headers)
    const client = counts ? clients.of(socket.remoteAddress, facts) : NO_CLIENT
    const ruling = entrance.rule(form, bannerId, queryOf(url!), facts, client)
    try {
      if (counts) await entrance.enter(bannerId, ruling, facts, client)
    } catch (error) {
      throwRefusal(request, error as Error)
    }
    return respond(ruling, request, h)
  }
}

/** The query of a request's target, as it came. A fragment has no business there, and is left out. */
function queryOf(url: string): string {
  const [address] = url.split('#', 1) as [string]
  const mark = address.indexOf('?')
  return mark < 0 ? '' : address.slice(mark + 1)
}

/** Hapi's form of an answer. forAnyOrigin adds the headers for the page's origin. */
function respond(
  { statusCode, headers, body }: Answer,
  request: Request,
  h: ResponseToolkit,
): ResponseObject {
  const response = body === '' ? emptyResponse(request, h) : h.response(Buffer.from(body, 'latin1'))
  response.code(statusCode)
  for (const name in headers) response.header(name, String(headers[name]))
  return needsKeepAlive(request.raw.res) ? response.header('connection', 'keep-alive') : response
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
