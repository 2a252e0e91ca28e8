import { contentOf, importedBannerSchema } from '../../../lib/banners/banner-schema.ts'
import { ClickCounterError } from '../../../lib/base/errors.ts'
import { describePlace, invalidEntry } from '../../text-files/place.ts'
import type { BannerFormat } from '../banner-format.ts'
import type { WantedBanner } from '../write-banners.ts'
import type { Entries, Entry } from './entry.ts'
import { Lines, MAX_BANNERS } from './lines.ts'
import { readCsv } from './read-csv.ts'
import { readJsonArray } from './read-json-array.ts'
import { readNdjson } from './read-ndjson.ts'
import { Spool } from './spool.ts'

const READERS: Readonly<Record<BannerFormat, (chunks: AsyncIterable<Buffer>) => Entries>> = {
  json: readJsonArray,
  ndjson: readNdjson,
  csv: readCsv,
}

/**
 * Reads a file of banners to its end, and checks each. Resolves with the spool, which its user disposes of. Throws a
 * ClickCounterError: IMPORT_INVALID, whose message names the first wrong line, or IMPORT_UNSPOOLED when `directory`
 * takes no file. A chunk of 64 KiB keeps the thread busy for 5 ms: whoever answers clicks as well cuts smaller ones.
 */
export async function readImport(
  chunks: AsyncIterable<Buffer>,
  format: BannerFormat,
  directory: string,
): Promise<Spool> {
  const spool = new Spool(directory)
  const lines = new Lines()
  try {
    for await (const entries of READERS[format](chunks))
      for (const entry of entries) {
        const banner = checkedBanner(entry)
        if (lines.count === MAX_BANNERS)
          throw invalidEntry(entry.place, `an import has ${MAX_BANNERS} banners at most: send several`)
        lines.add(banner.id, entry.place)
        await spool.add(banner)
      }
    expectNoRepeat(lines)
    return spool
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    // What is wrong with a line is told when no line before it repeats a banner.
    if (error instanceof ClickCounterError && error.code === 'IMPORT_INVALID') expectNoRepeat(lines)
    throw error
  }
}

function checkedBanner({ place, body }: Entry): WantedBanner {
  // Joi would lose this key while it copies.
  if (typeof body === 'object' && body !== null && Object.hasOwn(body, '__proto__'))
    throw invalidEntry(place, '"__proto__" is no field of a banner')
  const { value, error } = importedBannerSchema.validate(body)
  if (error !== undefined) throw invalidEntry(place, error.message)
  try {
    return { id: value.id, ...contentOf(value) }
  } catch (error) {
    if (!(error instanceof ClickCounterError)) throw error
    throw invalidEntry(place, error.message)
  }
}

function expectNoRepeat(lines: Lines): void {
  const repeat = lines.firstRepeat()
  if (repeat === null) return
  const { id, first, second } = repeat
  throw invalidEntry(
    second,
    `banner ${id} is there already, in ${describePlace(first)}: an import has each banner once`,
  )
}
