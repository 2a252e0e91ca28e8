import { isActiveAt, isTimeless } from '../../banners/activity.ts'
import type { BannerLookup, ClickedBanner } from '../../banners/banner-lookup.ts'
import { Destination } from '../../banners/destination.ts'
import type { Config } from '../../config/config.ts'
import { BannerCache } from './banner-cache.ts'
import { NOT_ACTIVE, NOT_KNOWN_YET, NOT_REGISTERED, WITHOUT_TARGET } from './dead-end.ts'
import { Redirect } from './redirect.ts'
import type { ClickRule, Fate, Ruling } from './ruling.ts'

export interface ClickRulesOptions extends Pick<Config['banners'], 'areUnknownCounted' | 'fallbackUrl'> {
  readonly lookup: BannerLookup
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The rules on clicks by /click/{id}. That of a banner is made once. */
export class ClickRules {
  readonly #options: ClickRulesOptions
  readonly #registered = new BannerCache<ClickRule>()
  /** Of the others. They have a cache of their own, so that they do not drive out those that are registered. */
  readonly #strangers = new BannerCache<ClickRule>()

  constructor(options: ClickRulesOptions) {
    this.#options = options
  }

  of(bannerId: number): ClickRule {
    return this.#registered.get(bannerId) ?? this.#make(bannerId)
  }

  /** To be called when the lookup has another edition. */
  clear(): void {
    this.#registered.clear()
    this.#strangers.clear()
  }

  #make(bannerId: number): ClickRule {
    const banner = this.#options.lookup.find(bannerId)
    if (banner === null) return this.#strangers.get(bannerId) ?? this.#makeForStranger(bannerId)
    const rule = this.#ruleFor(banner)
    this.#registered.put(bannerId, rule)
    return rule
  }

  #ruleFor(banner: ClickedBanner): ClickRule {
    if (!isTimeless(banner))
      return new TimedRule(banner, this.#ruleWhileActive(banner), this.#ruleWhileInactive(banner))
    return banner.isActive ? this.#ruleWhileActive(banner) : this.#ruleWhileInactive(banner)
  }

  #ruleWhileActive({ id, target, passQuery }: ClickedBanner): ClickRule {
    if (target === null) return this.#fallback(id, 'counted', WITHOUT_TARGET)
    return new Redirect(new Destination(id, target, passQuery), 'counted', this.#options.now())
  }

  #ruleWhileInactive({ id }: ClickedBanner): ClickRule {
    return this.#fallback(id, 'inactive', NOT_ACTIVE)
  }

  #makeForStranger(bannerId: number): ClickRule {
    const rule = this.#ruleForStranger(bannerId)
    this.#strangers.put(bannerId, rule)
    return rule
  }

  #ruleForStranger(bannerId: number): ClickRule {
    const { lookup, areUnknownCounted } = this.#options
    if (!lookup.isKnown) return this.#fallback(bannerId, 'counted', NOT_KNOWN_YET)
    return areUnknownCounted
      ? this.#fallback(bannerId, 'counted', WITHOUT_TARGET)
      : this.#fallback(bannerId, 'unknown', NOT_REGISTERED)
  }

  /** The way to the fallback. Where there is none, `deadEnd`. */
  #fallback(bannerId: number, fate: Fate, deadEnd: ClickRule): ClickRule {
    const { fallbackUrl, now } = this.#options
    if (fallbackUrl === null) return deadEnd
    return new Redirect(new Destination(bannerId, fallbackUrl, []), fate, now())
  }
}

/**
 * Of a banner that is active at times. It looks at the clock for each click, and not for when the state changes next: a
 * clock that was ahead and is put right would have passed that too early.
 */
class TimedRule implements ClickRule {
  readonly #banner: ClickedBanner
  readonly #whileActive: ClickRule
  readonly #whileInactive: ClickRule

  constructor(banner: ClickedBanner, whileActive: ClickRule, whileInactive: ClickRule) {
    this.#banner = banner
    this.#whileActive = whileActive
    this.#whileInactive = whileInactive
  }

  rulingOn(query: string, wantsPage: boolean, now: () => number): Ruling {
    const rule = isActiveAt(this.#banner, now()) ? this.#whileActive : this.#whileInactive
    return rule.rulingOn(query, wantsPage, now)
  }
}
