import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import zlib from 'node:zlib'
import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { tooLarge } from '../listener/client-errors.ts'
import { allowLongBody } from '../listener/http-connections.ts'
import { brokenOff, unreadBody } from './body.ts'
import { isGzip, notGzip } from './json-body.ts'

const DECODED_PIECE_BYTES = 65_536
/** About a millisecond's work for who reads banners. */
const TURN_BYTES = 4096

/** Options of a route that reads its body with readLong: at most so many bytes. */
export function unreadLong(maxBytes: number, types: readonly string[], failAction: () => never) {
  return {
    ...unreadBody,
    ...{ maxBytes, allow: [...types], failAction },
    // A body without a type is not taken for any of them: pages of others can send one without asking.
    defaultContentType: 'application/octet-stream',
  }
}

/**
 * What `read` makes of the body, which comes decoded and in pieces, at the pace at which it is read. It may take minutes
 * to arrive. When `read` rejects, the rest is read and dropped before: a connection that is closed with an unread body
 * may lose the answer. Rejects as `read` does, and
 * - with 400 when the body breaks off, or is not what its Content-Encoding says;
 * - with 413 when it is longer than `maxBytes`, as it comes or decoded;
 * - with 415 when its encoding is another one than gzip.
 */
export async function readLong<Result>(
  request: Request,
  maxBytes: number,
  read: (pieces: AsyncIterable<Buffer>) => Promise<Result>,
): Promise<Result> {
  const body = request.payload as Readable
  allowLongBody(request.raw.req, request.raw.res)
  try {
    const pieces = arriving(body, maxBytes)
    return await read(inTurns(isGzip(request) ? decoded(pieces, maxBytes) : pieces))
  } catch (error) {
    await dropRest(body, maxBytes)
    throw error
  }
}

async function* arriving(body: Readable, maxBytes: number): AsyncGenerator<Buffer, void> {
  // Without a body nothing is emitted; see optimizeEmptyRequests in http-connections.ts.
  if (body.readableEnded) return
  try {
    // Destroyed, it would take the connection with it, and no answer would come.
    yield* limited(body.iterator({ destroyOnReturn: false }), maxBytes)
  } catch (error) {
    throw Boom.isBoom(error) ? error : brokenOff()
  }
}

async function* decoded(pieces: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer, void> {
  const gunzip = zlib.createGunzip({ chunkSize: DECODED_PIECE_BYTES })
  // Its error is that of the loop below.
  pipeline(pieces, gunzip).catch(() => {})
  try {
    yield* limited(gunzip, maxBytes)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') ? notGzip() : error
  }
}

/** Cuts pieces up. Clicks are answered in between: a whole piece of 64 KiB would keep them waiting for 15 ms. */
async function* inTurns(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += TURN_BYTES) {
      yield piece.subarray(at, at + TURN_BYTES)
      await nextTurn()
    }
}

async function* limited(pieces: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer, void> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    yield piece
  }
}

async function dropRest(body: Readable, maxBytes: number): Promise<void> {
  let bytes = 0
  try {
    for await (const piece of body.iterator({ destroyOnReturn: false })) {
      bytes += piece.length
      if (bytes > maxBytes) return
    }
  } catch {
    // It has broken off: there is no rest.
  }
}
