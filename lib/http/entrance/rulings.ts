import { isActiveAt, isTimeless } from '../../banners/activity.ts'
import type { BannerLookup, ClickedBanner } from '../../banners/banner-lookup.ts'
import { Destination } from '../../banners/destination.ts'
import type { Config } from '../../config/config.ts'
import { type BulkEntry, sumUp } from '../../ingest/bulk.ts'
import type { Answer } from '../listener/answer.ts'
import { BannerCache } from './banner-cache.ts'
import { type BulkRuling, rulingOnBulk } from './bulk-ruling.ts'
import { NO_CONTENT, PIXEL } from './click-answers.ts'
import { NOT_ACTIVE, NOT_KNOWN_YET, NOT_REGISTERED, WITHOUT_TARGET } from './dead-end.ts'
import { Redirect } from './redirect.ts'
import type { ClickForm, ClickRule, CountingFate, Fate, Ruling } from './ruling.ts'

const COUNTING: Record<Exclude<ClickForm, 'click'>, Record<CountingFate, Ruling>> = {
  counter: countingRulings(NO_CONTENT),
  pixel: countingRulings(PIXEL),
}

function countingRulings(answer: Answer): Record<CountingFate, Ruling> {
  return {
    counted: { fate: 'counted', answer },
    inactive: { fate: 'inactive', answer },
    unknown: NOT_REGISTERED.rulingOn('', false),
  }
}

/** What the rules make of a banner. */
interface Standing {
  readonly banner: ClickedBanner
  readonly isActive: boolean
  /** Whether it is so at each moment. */
  readonly isTimeless: boolean
  /** null: nobody has clicked it by /click/{id} yet. */
  clickRule: ClickRule | null
}

interface RulingsOptions extends Pick<Config['banners'], 'areUnknownCounted' | 'fallbackUrl'> {
  readonly lookup: BannerLookup
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Rules what becomes of clicks, by the state of their banners. The answers of a banner are made once. */
export class Rulings {
  readonly #options: RulingsOptions
  readonly #registered = new BannerCache<Standing>()
  /** Of the others. They have a cache of their own, so that they do not drive out those that are registered. */
  readonly #strangers = new BannerCache<ClickRule>()
  /** Of the lookup, when the caches were begun. */
  #edition = Number.NaN
  /** Whether /counter/{id} counts, whatever banner it is. */
  #countsAll = false

  constructor(options: RulingsOptions) {
    this.#options = options
  }

  /** `query` and `wantsPage`: see ClickRule. */
  of(form: ClickForm, bannerId: number, query: string, wantsPage: boolean): Ruling {
    if (this.#options.lookup.edition !== this.#edition) this.#beginAnew()
    if (form === 'click') return this.#clickRuleOf(bannerId).rulingOn(query, wantsPage, this.#options.now)
    if (this.#countsAll) return COUNTING[form].counted
    return COUNTING[form][this.#countingFate(this.#standingOf(bannerId)?.isActive ?? null)]
  }

  /** On 1 … MAX_ENTRIES sound entries of a bulk. */
  ofBulk(entries: readonly BulkEntry[]): BulkRuling {
    const { lookup, now } = this.#options
    if (lookup.edition !== this.#edition) this.#beginAnew()
    if (this.#countsAll) return { firstUnknown: null, bulk: sumUp(entries), inactiveClicks: 0 }
    const nowMs = now()
    // Past the caches: to make the answers of thousands of banners, which a bulk does not need, would take as long as
    // ten bulks.
    return rulingOnBulk(entries, bannerId => this.#countingFate(lookup.isActiveAt(bannerId, nowMs)))
  }

  /** `isActive`: null when nobody registered the banner. */
  #countingFate(isActive: boolean | null): CountingFate {
    if (isActive === null) return this.#options.areUnknownCounted ? 'counted' : 'unknown'
    return isActive ? 'counted' : 'inactive'
  }

  #beginAnew(): void {
    const { lookup, areUnknownCounted } = this.#options
    this.#edition = lookup.edition
    this.#countsAll = !lookup.isKnown || (lookup.count === 0 && areUnknownCounted)
    this.#registered.clear()
    this.#strangers.clear()
  }

  #clickRuleOf(bannerId: number): ClickRule {
    const standing = this.#standingOf(bannerId)
    if (standing !== null) return (standing.clickRule ??= this.#clickRuleFor(standing))
    const known = this.#strangers.get(bannerId)
    if (known !== null) return known
    const clickRule = this.#clickRuleForStranger(bannerId)
    this.#strangers.put(bannerId, clickRule)
    return clickRule
  }

  /** null: nobody registered the banner. */
  #standingOf(bannerId: number): Standing | null {
    const { lookup, now } = this.#options
    const known = this.#registered.get(bannerId)
    // Not by the moment of the next change: a clock that was ahead and is put right has passed it too early.
    if (known !== null && (known.isTimeless || isActiveAt(known.banner, now()) === known.isActive))
      return known
    const banner = lookup.find(bannerId)
    if (banner === null) return null
    const isActive = isActiveAt(banner, now())
    const standing: Standing = { banner, isActive, isTimeless: isTimeless(banner), clickRule: null }
    this.#registered.put(bannerId, standing)
    return standing
  }

  #clickRuleFor({ banner: { id, target, passQuery }, isActive }: Standing): ClickRule {
    if (!isActive) return this.#fallback(id, 'inactive', NOT_ACTIVE)
    if (target === null) return this.#fallback(id, 'counted', WITHOUT_TARGET)
    return new Redirect(new Destination(id, target, passQuery), 'counted', this.#options.now())
  }

  #clickRuleForStranger(bannerId: number): ClickRule {
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
