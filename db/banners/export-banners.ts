import type { Banner } from '../../lib/banners/banner.ts'
import { COLUMNS, cellsOf } from '../../lib/banners/banner-cells.ts'
import { bannerBody } from '../../lib/banners/banner-schema.ts'
import { csvLine } from '../../lib/base/csv.ts'
import type { BannerFormat } from './banner-format.ts'

/** How an export begins, what it has for a banner, stands between two, and ends with. */
interface ExportForm {
  readonly head: string
  readonly of: (banner: Banner) => string
  readonly between: string
  readonly tail: string
}

const FORMS: Readonly<Record<BannerFormat, ExportForm>> = {
  json: {
    head: '[\n',
    of: banner => JSON.stringify(bannerBody(banner)),
    between: ',\n',
    tail: '\n]\n',
  },
  ndjson: { head: '', of: banner => `${JSON.stringify(bannerBody(banner))}\n`, between: '', tail: '' },
  // As RFC 4180 has it.
  csv: { head: csvLine(COLUMNS), of: banner => csvLine(cellsOf(banner)), between: '', tail: '' },
}

/** The text of an export, a piece for each page. An import of it changes nothing where it comes from. */
export async function* exportText(
  pages: AsyncIterable<readonly Banner[]>,
  format: BannerFormat,
): AsyncGenerator<string, void> {
  const { head, of, between, tail } = FORMS[format]
  let separator = head
  for await (const page of pages) {
    yield separator + page.map(of).join(between)
    separator = between
  }
  yield (separator === head ? head : '') + tail
}
