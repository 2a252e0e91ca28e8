import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { MAX_ANSWER_MS } from '../../../../db/stats/read-stats.ts'

/** Characters of a piece: a thread is busy with it for a fraction of a millisecond. */
const PIECE_LENGTH = 16 * 1024

/** Joins short texts to pieces that are worth a write. */
export function* inPieces(texts: Iterable<string>): Generator<string, void> {
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

/**
 * The body of an answer whose pieces are made while it is read. Resolves when the first one is there, and rejects when
 * that cannot be made: the answer's status is sent with it. The body breaks off when it is not read in time: it may hold a
 * connection and a snapshot.
 */
export async function bodyOf(pieces: Iterable<string> | AsyncIterable<string>): Promise<Readable> {
  const inOrder = inTurns(pieces)
  // Before there is a body: what destroys the body ends the making of pieces, but only once that has begun.
  const { value } = await inOrder.next()
  const body = Readable.from(inOrder, { objectMode: false })
  body.unshift(value!)
  const timer = setTimeout(() => body.destroy(new Error(`not read in ${MAX_ANSWER_MS} ms`)), MAX_ANSWER_MS)
  body.once('close', () => clearTimeout(timer))
  return body
}

/** Between two pieces the thread serves others: else a client that reads fast would hold it until all are made. */
async function* inTurns(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, void> {
  for await (const piece of pieces) {
    yield piece
    await setImmediate()
  }
}
