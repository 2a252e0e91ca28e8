import type { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { tooLarge } from '../listener/client-errors.ts'
import { MAX_READ_BYTES } from '../listener/limits.ts'

/**
 * Options of a route that reads its body with readBody. Hapi's own reading is no choice: when a body of
 * unknown length is too long, it resets the connection without an answer.
 */
export const unreadBody = { parse: false, output: 'stream', maxBytes: MAX_READ_BYTES } as const

/** The same for a route that takes a body of any type, also where Content-Type makes no sense. */
export const unreadAnything = { ...unreadBody, override: 'application/octet-stream' } as const

/** The whole body. Rejects with 413 when it is longer than `maxBytes`, with 400 when it breaks off. */
export function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const body = request.payload as Readable
  // Without a body nothing is emitted; see optimizeEmptyRequests in http-connections.ts.
  if (body.readableEnded) return Promise.resolve(Buffer.alloc(0))
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let bytes = 0
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else if (bytes > MAX_READ_BYTES) reject(tooLarge(maxBytes))
  })
  body.on('end', () => (bytes > maxBytes ? reject(tooLarge(maxBytes)) : resolve(Buffer.concat(chunks))))
  body.on('error', () => reject(brokenOff()))
  // `close` also comes after a whole body. An error made for nothing would cost as much as the reading.
  body.on('close', () => body.readableEnded || reject(brokenOff()))
  return promise
}

export function brokenOff(): Boom.Boom {
  return Boom.badRequest('the body must arrive as a whole')
}
