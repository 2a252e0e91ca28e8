import { isActiveAt } from '../../../../lib/banners/activity.ts'
import type { BannerLookup, ClickedBanner } from '../../../../lib/banners/banner-lookup.ts'

const always = { passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }
const target = 'https://shop.example/autumn?x=y#top'

/** Banners of the corpus, by what is special about them. */
export const BANNERS = {
  led: { ...always, id: 11, target },
  macros: { ...always, id: 12, target: 'https://shop.example/{banner_id}/{ts}?c={click_id}&c={click_id}' },
  passing: { ...always, id: 13, target, passQuery: ['a', 'gclid', 'x'] },
  passingAndMacros: { ...always, id: 14, target: 'https://shop.example/{click_id}', passQuery: ['a', 'b'] },
  aimless: { ...always, id: 15, target: null },
  inactive: { ...always, id: 16, target, isActive: false },
} satisfies Record<string, ClickedBanner>

const byId = new Map<number, ClickedBanner>(Object.values(BANNERS).map(banner => [banner.id, banner]))

/** Every script clicks a banner of its own. Those are registered, too. */
const FIRST_OWN_ID = 1_000_000

export const corpusBanners: BannerLookup = {
  isKnown: true,
  count: byId.size,
  edition: 1,
  has: bannerId => bannerId >= FIRST_OWN_ID || byId.has(bannerId),
  isActiveAt: (bannerId, nowMs) => {
    const banner = find(bannerId)
    return banner && isActiveAt(banner, nowMs)
  },
  find,
}

function find(id: number): ClickedBanner | null {
  if (id < FIRST_OWN_ID) return byId.get(id) ?? null
  return { ...always, id, target: 'https://shop.example/?b={banner_id}', passQuery: ['a'] }
}
