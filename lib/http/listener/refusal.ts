import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import Boom from '@hapi/boom'
import { MAX_READ_BYTES, tooLarge } from '../api/body.ts'
import { errorHeaders } from './raw-answer.ts'

const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i

/**
 * Refuses requests that Node's parser lets pass and this server does not. Each of these could be read in
 * another way by a proxy in front, and where one request ends and the next one begins must never be a matter
 * of opinion. So it is the connection's last: nothing is read behind it, see request-lines.ts.
 *
 * To be called when Hapi has just been given the listener: as a step of Hapi's lifecycle, this would cost a
 * twentieth of a click. `hasGet`: false for a path that has other methods alone, which the answer is to say.
 */
export function refuseAmbiguous(listener: Server, hasGet: (path: string) => boolean): void {
  for (const event of ['request', 'checkContinue']) {
    const serve = listener.listeners(event).at(-1) as RequestListener
    listener.off(event, serve)
    listener.on(event, (request: IncomingMessage, response: ServerResponse) => {
      const error = refusal(request)
      if (error !== null) return answer(response, error)
      if (isGetWithBody(request)) {
        const path = request.url!.split('?', 1)[0]!
        if (!path.startsWith('/') || hasGet(path))
          return answer(response, Boom.badRequest(`${request.method} must not have a body: use POST`))
        response.setHeader('connection', 'close')
      }
      serve(request, response)
    })
  }
}

/** In Hapi's shape. */
function answer(response: ServerResponse, error: Boom.Boom): void {
  const body = JSON.stringify(error.output.payload)
  response.setHeader('connection', 'close')
  response.writeHead(error.output.statusCode, errorHeaders(error, body)).end(body)
}

function refusal(request: IncomingMessage): Boom.Boom | null {
  return huge(request) ?? unexpected(request) ?? malformed(request)
}

function huge({ headers }: IncomingMessage): Boom.Boom | null {
  return Number(headers['content-length']) > MAX_READ_BYTES ? tooLarge(MAX_READ_BYTES) : null
}

function unexpected({ headers }: IncomingMessage): Boom.Boom | null {
  if (headers.expect === undefined || /\b100-continue\b/i.test(headers.expect)) return null
  return new Boom.Boom('the only expectation that is met is 100-continue', { statusCode: 417 })
}

function malformed(request: IncomingMessage): Boom.Boom | null {
  const { httpVersion, headers } = request
  const encoding = headers['transfer-encoding']
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return Boom.badRequest('the protocol must be HTTP/1.1 or HTTP/1.0')
  if (!isHostClear(request)) return Boom.badRequest('there must be one Host header: a name, perhaps a port')
  if (encoding !== undefined && (encoding.toLowerCase() !== 'chunked' || httpVersion === '1.0'))
    return Boom.badRequest('Transfer-Encoding can be chunked, and that in HTTP/1.1 only')
  if (!isDecodable(request.url!)) return Boom.badRequest('the path must be percent-encoded UTF-8')
  return null
}

/** It would be answered before its body has arrived, and perhaps proves to be malformed. */
function isGetWithBody({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
  return hasBody && (method === 'GET' || method === 'HEAD')
}

/** Node keeps the first of several. */
function isHostClear({ httpVersion, headers, rawHeaders }: IncomingMessage): boolean {
  let count = 0
  for (let name = 0; name < rawHeaders.length; name += 2)
    if (rawHeaders[name]!.length === 4 && rawHeaders[name]!.toLowerCase() === 'host') count++
  if (count === 0) return httpVersion === '1.0'
  return count === 1 && HOST.test(headers.host!)
}

/** The path alone: nobody reads the query. */
function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url.split('?', 1)[0]!)
    return true
  } catch {
    return false
  }
}
