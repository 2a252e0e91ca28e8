import { MAX_ENTRY_BYTES, tooLong } from '../../text-files/place.ts'
import { type Block, textBlocks } from '../../text-files/text-blocks.ts'
import { type Entries, type Entry, parseEntry } from './entry.ts'

/** A banner in JSON on each line. Lines of white space are passed over. */
export async function* readNdjson(chunks: AsyncIterable<Buffer>): Entries {
  for await (const block of textBlocks(chunks)) yield entriesOf(block)
}

function* entriesOf({ firstLine, text }: Block): Generator<Entry, void> {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const place = { line: firstLine + index, entry: null }
    if (Buffer.byteLength(line) > MAX_ENTRY_BYTES) throw tooLong(place)
    yield { place, body: parseEntry(place, line) }
  }
}
