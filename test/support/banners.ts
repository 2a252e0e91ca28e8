import { NO_BANNERS } from '../../lib/banners/banner-lookup.ts'
import type { Revision } from '../../lib/banners/revision.ts'
import type { ThreadBanners } from '../../lib/banners/thread-banners.ts'

/** Nobody registered any banner. */
export const noBanners: ThreadBanners = { lookup: NO_BANNERS, refresh: () => Promise.resolve() }

/** A revision that no other one is like. */
export function newRevision(): Revision {
  return { database: crypto.randomUUID(), revision: 1, token: crypto.randomUUID() }
}
