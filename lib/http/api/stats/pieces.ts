import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { MAX_ANSWER_MS } from '../../../../db/stats/read-stats.ts'

/** Characters of a piece: a thread is busy with it for less than a millisecond. */
const PIECE_LENGTH = 64 * 1024

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
 * The body of an answer whose pieces are made while it is read, behind the first one if that is there already. It breaks
 * off when it is not read in time: it may hold a connection and a snapshot.
 */
export function bodyOf(pieces: Iterable<string> | AsyncIterable<string>, firstPiece?: string): Readable {
  const body = Readable.from(inTurns(pieces), { objectMode: false })
  if (firstPiece !== undefined) body.unshift(firstPiece)
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
