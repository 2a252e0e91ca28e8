import { isActiveAt } from '../../lib/banners/activity.ts'
import { type BannerLookup, type ClickedBanner, NO_BANNERS } from '../../lib/banners/banner-lookup.ts'
import type { Revision } from '../../lib/banners/revision.ts'
import type { ThreadBanners } from '../../lib/banners/thread-banners.ts'

/** Nobody registered any banner. */
export const noBanners: ThreadBanners = { lookup: NO_BANNERS, refresh: () => Promise.resolve() }

/** A revision that no other one is like. */
export function newRevision(): Revision {
  return { database: crypto.randomUUID(), revision: 1, token: crypto.randomUUID() }
}

/** Banners that a test registers and changes. */
export class TestBanners implements BannerLookup {
  readonly #banners = new Map<number, ClickedBanner>()
  isKnown = true
  edition = 0

  get count(): number {
    return this.#banners.size
  }

  has(bannerId: number): boolean {
    return this.#banners.has(bannerId)
  }

  isActiveAt(bannerId: number, nowMs: number): boolean | null {
    const banner = this.find(bannerId)
    return banner && isActiveAt(banner, nowMs)
  }

  find(bannerId: number): ClickedBanner | null {
    return this.#banners.get(bannerId) ?? null
  }

  /** Registers a banner, or changes it. What is left out gets its default. */
  put(id: number, content: Partial<Omit<ClickedBanner, 'id'>> = {}): this {
    const usual = { target: null, passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }
    this.#banners.set(id, { ...usual, ...content, id })
    this.edition++
    return this
  }

  /** What a thread is given. */
  forThread(): ThreadBanners {
    return { lookup: this, refresh: () => Promise.resolve() }
  }
}
