import type { ClickedBanner } from '../../lib/banners/banner-lookup.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { KnownBanners } from '../../lib/banners/known-banners.ts'

export const PLAIN = {
  target: null,
  passQuery: [],
  isActive: true,
  activeFromMs: null,
  activeUntilMs: null,
} as const

/** All registered banners of the tables, ascending by id. */
export function bannersIn(tables: BannerTables): ClickedBanner[] {
  const known = new KnownBanners()
  known.replace(tables)
  const ids = [tables.base, tables.overlay].flatMap(table =>
    Array.from({ length: table.slots }, (_, slot) => table.recordIn(slot))
      .filter(record => record !== 0)
      .map(record => table.idAt(record)),
  )
  const banners = [...new Set(ids)]
    .sort((a, b) => a - b)
    .map(id => known.find(id))
    .filter(banner => banner !== null)
  if (banners.length !== known.count)
    throw new Error(`there are ${banners.length}, and count is ${known.count}`)
  return banners
}
