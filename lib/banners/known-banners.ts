import { isActiveAt } from './activity.ts'
import type { BannerLookup, ClickedBanner } from './banner-lookup.ts'
import type { BannerTable, BannerTables } from './banner-table.ts'

/** The registered banners, as a request thread knows them. The tables are shared by all threads. */
export class KnownBanners implements BannerLookup {
  #tables: BannerTables | null = null
  #edition = 0

  get isKnown(): boolean {
    return this.#tables !== null
  }

  get count(): number {
    return this.#tables?.overlay.registered ?? 0
  }

  get edition(): number {
    return this.#edition
  }

  /** null: nothing was known before. */
  get tables(): BannerTables | null {
    return this.#tables
  }

  /** From now on, these are the registered banners. */
  replace(tables: BannerTables): void {
    this.#tables = tables
    this.#edition++
  }

  has(bannerId: number): boolean {
    const tables = this.#tables
    if (tables === null) return false
    const changed = tables.overlay.recordOf(bannerId)
    return changed === 0 ? tables.base.isRegistered(bannerId) : !tables.overlay.isRemoved(changed)
  }

  isActiveAt(bannerId: number, nowMs: number): boolean | null {
    return this.#read(bannerId, (table, record) => isActiveAt(table.periodAt(record), nowMs))
  }

  find(bannerId: number): ClickedBanner | null {
    return this.#read(bannerId, (table, record) => table.bannerAt(record))
  }

  /** null: nobody registered the banner. */
  #read<T>(bannerId: number, read: (table: BannerTable, record: number) => T): T | null {
    const tables = this.#tables
    if (tables === null) return null
    const { base, overlay } = tables
    const changed = overlay.recordOf(bannerId)
    if (changed !== 0) return overlay.isRemoved(changed) ? null : read(overlay, changed)
    const record = base.recordOf(bannerId)
    return record === 0 || base.isRemoved(record) ? null : read(base, record)
  }
}
