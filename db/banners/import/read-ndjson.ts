import { type Entries, type Entry, MAX_ENTRY_BYTES, parseEntry, tooLong } from './entry.ts'
import { type Block, textBlocks } from './text-blocks.ts'

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
