import { isActiveAt, isTimeless } from '../../banners/activity.ts'
import type { BannerLookup, ClickedBanner } from '../../banners/banner-lookup.ts'
import { Destination } from '../../banners/destination.ts'
import type { Config } from '../../config/config.ts'
import { BannerCache } from './banner-cache.ts'
import { NOT_ACTIVE, NOT_KNOWN_YET, NOT_REGISTERED, WITHOUT_TARGET } from './dead-end.ts'
import { redirect } from './redirect.ts'
import type { BannerRuling, EachClick, Fate, Ruling } from './ruling.ts'

export interface ClickRulingsOptions extends Pick<Config['banners'], 'areUnknownCounted' | 'fallbackUrl'> {
  readonly lookup: BannerLookup
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Rules on clicks by /click/{id}. What of a ruling is the same for all clicks of a banner is made once. */
export class ClickRulings {
  readonly #options: ClickRulingsOptions
  readonly #registered = new BannerCache<BannerRuling>()
  /** Of unknown banners. They have a cache of their own, so that they do not drive out those that are registered. */
  readonly #unknown = new BannerCache<BannerRuling>()

  constructor(options: ClickRulingsOptions) {
    this.#options = options
  }

  /** `query` and `wantsPage`: see EachClick. */
  rulingOn(bannerId: number, query: string, wantsPage: boolean): Ruling {
    const ruling = this.#registered.get(bannerId) ?? this.#make(bannerId)
    return ruling.each === null ? ruling : ruling.each.rulingOn(query, wantsPage, this.#options.now)
  }

  /** To be called when the lookup has another edition. */
  clear(): void {
    this.#registered.clear()
    this.#unknown.clear()
  }

  #make(bannerId: number): BannerRuling {
    const banner = this.#options.lookup.find(bannerId)
    if (banner === null) return this.#unknown.get(bannerId) ?? this.#makeForUnknown(bannerId)
    const ruling = this.#rulingFor(banner)
    this.#registered.put(bannerId, ruling)
    return ruling
  }

  #rulingFor(banner: ClickedBanner): BannerRuling {
    if (!isTimeless(banner)) return timed(banner, this.#whileActive(banner), this.#whileInactive(banner))
    return banner.isActive ? this.#whileActive(banner) : this.#whileInactive(banner)
  }

  #whileActive({ id, target, passQuery }: ClickedBanner): BannerRuling {
    if (target === null) return this.#fallback(id, 'counted', WITHOUT_TARGET)
    return redirect(new Destination(id, target, passQuery), 'counted', this.#options.now())
  }

  #whileInactive({ id }: ClickedBanner): BannerRuling {
    return this.#fallback(id, 'inactive', NOT_ACTIVE)
  }

  #makeForUnknown(bannerId: number): BannerRuling {
    const ruling = this.#rulingForUnknown(bannerId)
    this.#unknown.put(bannerId, ruling)
    return ruling
  }

  #rulingForUnknown(bannerId: number): BannerRuling {
    const { lookup, areUnknownCounted } = this.#options
    if (!lookup.isKnown) return this.#fallback(bannerId, 'counted', NOT_KNOWN_YET)
    return areUnknownCounted
      ? this.#fallback(bannerId, 'counted', WITHOUT_TARGET)
      : this.#fallback(bannerId, 'unknown', NOT_REGISTERED)
  }

  /** The way to the fallback. Where there is none, `deadEnd`. */
  #fallback(bannerId: number, fate: Fate, deadEnd: BannerRuling): BannerRuling {
    const { fallbackUrl, now } = this.#options
    if (fallbackUrl === null) return deadEnd
    return redirect(new Destination(bannerId, fallbackUrl, []), fate, now())
  }
}

/**
 * Of a banner that is active at times. It looks at the clock for each click, and not for when the state changes next: a
 * clock that was ahead and is put right would have passed that too early.
 */
function timed(banner: ClickedBanner, whileActive: BannerRuling, whileInactive: BannerRuling): BannerRuling {
  const each: EachClick = {
    rulingOn(query, wantsPage, now) {
      const ruling = isActiveAt(banner, now()) ? whileActive : whileInactive
      return ruling.each === null ? ruling : ruling.each.rulingOn(query, wantsPage, now)
    },
  }
  return { ...whileActive, each }
}
