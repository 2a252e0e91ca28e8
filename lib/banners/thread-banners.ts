import type { BannerLookup } from './banner-lookup.ts'

/** What a request thread needs to answer clicks on banners, and to change banners. */
export interface ThreadBanners {
  readonly lookup: BannerLookup
  /**
   * After a change: resolves when what Postgres holds now is in force in all threads of this instance, or when
   * Postgres does not answer any more.
   */
  refresh(): Promise<void>
}
