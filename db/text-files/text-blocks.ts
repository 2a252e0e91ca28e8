import { isUtf8 } from 'node:buffer'
import { MAX_ENTRY_BYTES, notUtf8, tooLong } from './place.ts'

const LINE_FEED = 10
const BYTE_ORDER_MARK = Buffer.from('\ufeff')
/** Throws when the bytes are not UTF-8. */
export const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whole lines of a file. */
export interface Block {
  /** The number of the first one, from 1. */
  readonly firstLine: number
  /** Each has its line feed, but for the last one of a file. */
  readonly text: string
}

/** Leaves out a byte order mark at the beginning. */
export async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < BYTE_ORDER_MARK.length) continue
    yield head.indexOf(BYTE_ORDER_MARK) === 0 ? head.subarray(BYTE_ORDER_MARK.length) : head
    head = null
  }
  if (head !== null && head.length > 0) yield head
}

/**
 * Cuts a file between lines, and decodes it. Throws a ClickCounterError (IMPORT_INVALID) that names the first line that
 * is not in UTF-8, or is too long, when all lines in front of it have come.
 */
export async function* textBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Block, void> {
  let [firstLine, restBytes] = [1, 0]
  // Put together once: a line may come in pieces of a byte.
  let rest: Buffer[] = []
  for await (const chunk of withoutMark(chunks)) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1
    if (end > 0) {
      const bytes = Buffer.concat([...rest, chunk.subarray(0, end)])
      yield* decoded(bytes, firstLine)
      firstLine += countLines(bytes)
      rest = []
      restBytes = 0
    }
    rest.push(chunk.subarray(end))
    restBytes += chunk.length - end
    if (restBytes > MAX_ENTRY_BYTES) throw tooLong({ line: firstLine, entry: null })
  }
  if (restBytes > 0) yield* decoded(Buffer.concat(rest), firstLine)
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines++
  return lines
}

/** One block, unless a line is not in UTF-8. */
function* decoded(bytes: Buffer, firstLine: number): Generator<Block, void> {
  const goodBytes = isUtf8(bytes) ? bytes.length : bytesBeforeFault(bytes)
  const good = bytes.subarray(0, goodBytes)
  if (goodBytes > 0) yield { firstLine, text: UTF_8.decode(good) }
  if (goodBytes < bytes.length) throw notUtf8({ line: firstLine + countLines(good), entry: null })
}

/** Bytes of the whole lines in front of the first one that is not in UTF-8. */
function bytesBeforeFault(bytes: Buffer): number {
  for (let at = 0; ; ) {
    const end = bytes.indexOf(LINE_FEED, at) + 1 || bytes.length
    if (!isUtf8(bytes.subarray(at, end))) return at
    at = end
  }
}
