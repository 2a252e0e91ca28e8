import { NO_BANNERS } from '../../lib/banners/banner-lookup.ts'
import type { ThreadBanners } from '../../lib/banners/thread-banners.ts'

/** Nobody registered any banner. */
export const noBanners: ThreadBanners = { lookup: NO_BANNERS, refresh: () => Promise.resolve() }
