import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { MAX_ANSWER_MS } from '../../../../db/stats/read-stats.ts'

/**
 * The body of an answer whose pieces are made while it is read. Resolves when the first one is there, and rejects when
 * that cannot be made: the answer's status is sent with it. The body breaks off when it is not read in time: it may hold a
 * connection and a snapshot.
 */
export async function bodyOf(
  pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
  maxMs = MAX_ANSWER_MS,
): Promise<Readable> {
  const inOrder = inTurns(pieces)
  // Before there is a body: what destroys the body ends the making of pieces, but only once that has begun.
  const { value } = await inOrder.next()
  const body = Readable.from(inOrder, { objectMode: false })
  body.unshift(value!)
  const timer = setTimeout(() => body.destroy(new Error(`not read in ${maxMs} ms`)), maxMs)
  body.once('close', () => clearTimeout(timer))
  return body
}

/** Between two pieces the thread serves others: else a client that reads fast would hold it until all are made. */
async function* inTurns(pieces: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const piece of pieces) {
    yield piece
    await setImmediate()
  }
}
