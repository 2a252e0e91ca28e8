import type { IncomingMessage } from 'node:http'
import Boom from '@hapi/boom'
import { tooLarge } from './client-errors.ts'
import { countFields } from './fields.ts'
import { MAX_READ_BYTES } from './limits.ts'

/** A segment `.` or `..` of a path, also written as `%2e`. */
const DOT_SEGMENT = /^[^?#]*\/(?:\.|%2e){1,2}(?:[/?#]|$)/i
const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i

/**
 * Why a request that Node's parser has read is refused; null: it is not refused. A proxy in front could read
 * such a request in another way, and then proxy and service would disagree about where the next one begins.
 * So the answer is the connection's last, and nothing is read after it; see request-gate.ts.
 *
 * `maxBodyBytes`: how long a body may be, by method and path; it is asked about long ones alone.
 *
 * It is no step of Hapi's lifecycle, because that would cost a twentieth of a click.
 */
export function objectionTo(
  request: IncomingMessage,
  maxBodyBytes: (method: string, path: string) => number,
): Boom.Boom | null {
  // The last one looks the path up, which must be well-formed.
  return unexpected(request) ?? malformed(request) ?? huge(request, maxBodyBytes)
}

/** Without the query, as it was sent. */
export function pathOf({ url }: IncomingMessage): string {
  return url!.split('?', 1)[0]!
}

/** It would be answered, and counted, before its body has arrived; and the body may prove malformed. */
export function isGetWithBody(request: IncomingMessage): boolean {
  return hasBody(request) && (request.method === 'GET' || request.method === 'HEAD')
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

function huge(
  request: IncomingMessage,
  maxBodyBytes: (method: string, path: string) => number,
): Boom.Boom | null {
  const bytes = Number(request.headers['content-length'])
  if (!(bytes > MAX_READ_BYTES)) return null
  const maxBytes = maxBodyBytes(request.method!, pathOf(request))
  return bytes > maxBytes ? tooLarge(maxBytes) : null
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
  // Hapi resolves them and some proxies do not: /counter/../health would get past a proxy that lets /counter/ in.
  if (DOT_SEGMENT.test(request.url!))
    return Boom.notFound('no path here has a segment "." or "..": send the path that it leads to')
  if (!isDecodable(request.url!)) return Boom.badRequest('the path must be percent-encoded UTF-8')
  return null
}

function isHostClear(request: IncomingMessage): boolean {
  const count = countFields(request, 'host')
  if (count === 0) return request.httpVersion === '1.0'
  return count === 1 && HOST.test(request.headers.host!)
}

/** Whether the path can be decoded. The query need not be: nobody reads it. */
function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url.split('?', 1)[0]!)
    return true
  } catch {
    return false
  }
}
