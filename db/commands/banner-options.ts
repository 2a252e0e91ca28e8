import { extname } from 'node:path'
import { listed, quote } from '../../lib/config/wording.ts'
import { BANNER_FORMATS, type BannerFormat } from '../banners/banner-format.ts'
import type { BannerFilter } from '../banners/list-banners.ts'
import { UsageError } from './command.ts'

export const FILTER_OPTIONS = ['q', 'campaign', 'label', 'active'] as const
type FilterOption = (typeof FILTER_OPTIONS)[number]

const ENDINGS: Readonly<Record<string, BannerFormat>> = {
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
}

/** What --format says, or else the ending of the path. */
export function formatOf(path: string | null, written: string | undefined): BannerFormat {
  const format = written ?? (path === null ? undefined : ENDINGS[extname(path).toLowerCase()])
  const found = BANNER_FORMATS.find(known => known === format)
  if (found !== undefined) return found
  throw new UsageError(
    written === undefined
      ? `say --format ${BANNER_FORMATS.join(' or ')}: no name tells it`
      : `--format takes ${listed(BANNER_FORMATS)}, and not ${quote(written)}`,
  )
}

export function filterOf(texts: { get(option: FilterOption): string | undefined }): BannerFilter {
  const of = (option: FilterOption) => texts.get(option) ?? null
  return { q: of('q'), campaign: of('campaign'), label: of('label'), isActive: activeOf(texts.get('active')) }
}

function activeOf(written: string | undefined): boolean | null {
  if (written === undefined) return null
  if (written === 'true' || written === 'false') return written === 'true'
  throw new UsageError(`--active takes true or false, and not ${quote(written)}`)
}
