import { isTimeless } from '../../banners/activity.ts'
import type { BannerLookup } from '../../banners/banner-lookup.ts'
import type { Answer } from '../listener/answer.ts'
import { BannerCache } from './banner-cache.ts'
import type { BulkEntry } from './bulk-entry.ts'
import { type BulkRuling, rulingOnBulk } from './bulk-ruling.ts'
import { NO_CONTENT, PIXEL } from './click-answers.ts'
import { ClickRulings, type ClickRulingsOptions } from './click-rulings.ts'
import { NOT_REGISTERED } from './dead-end.ts'
import type { ClickForm, CountingFate, Ruling } from './ruling.ts'

const BY_COUNTER = rulingsWith(NO_CONTENT)
const BY_PIXEL = rulingsWith(PIXEL)

function rulingsWith(answer: Answer): Readonly<Record<CountingFate, Ruling>> {
  return {
    counted: { ...answer, fate: 'counted' },
    inactive: { ...answer, fate: 'inactive' },
    unknown: NOT_REGISTERED,
  }
}

/** Rules what becomes of clicks, by the state of their banners. */
export class Rulings {
  readonly #lookup: BannerLookup
  readonly #areUnknownCounted: boolean
  readonly #now: () => number
  readonly #clickRulings: ClickRulings
  /** Of registered banners, by paths that only count. timed: it depends on the time. */
  readonly #fates = new BannerCache<CountingFate | 'timed'>()
  /** Of the lookup, when the caches were begun. */
  #edition = Number.NaN
  /** Whether /counter/{id} counts, whatever banner it is. */
  #countsAll = false

  constructor(options: ClickRulingsOptions) {
    this.#lookup = options.lookup
    this.#areUnknownCounted = options.areUnknownCounted
    this.#now = options.now
    this.#clickRulings = new ClickRulings(options)
  }

  /** `query` and `wantsPage`: see EachClick. */
  of(form: ClickForm, bannerId: number, query: string, wantsPage: boolean): Ruling {
    if (this.#lookup.edition !== this.#edition) this.#beginAnew()
    if (form === 'click') return this.#clickRulings.rulingOn(bannerId, query, wantsPage)
    const rulings = form === 'counter' ? BY_COUNTER : BY_PIXEL
    return this.#countsAll ? rulings.counted : rulings[this.#fateOf(bannerId)]
  }

  /** On 1 … MAX_ENTRIES sound entries of a bulk. */
  ofBulk(entries: readonly BulkEntry[]): BulkRuling {
    if (this.#lookup.edition !== this.#edition) this.#beginAnew()
    if (this.#countsAll) return { firstUnknown: null, counted: entries, inactiveClicks: 0 }
    const nowMs = this.#now()
    // Past the cache: to fill it with thousands of banners would take as long as ten bulks.
    return rulingOnBulk(entries, bannerId => this.#fateBy(this.#lookup.isActiveAt(bannerId, nowMs)))
  }

  #beginAnew(): void {
    const { isKnown, count, edition } = this.#lookup
    this.#edition = edition
    this.#countsAll = !isKnown || (count === 0 && this.#areUnknownCounted)
    this.#fates.clear()
    this.#clickRulings.clear()
  }

  #fateOf(bannerId: number): CountingFate {
    const known = this.#fates.get(bannerId)
    if (known !== null && known !== 'timed') return known
    const isActive = this.#lookup.isActiveAt(bannerId, this.#now())
    const fate = this.#fateBy(isActive)
    // Those that nobody registered are not kept: they would drive out the others.
    if (known === null && isActive !== null)
      this.#fates.put(bannerId, isTimeless(this.#lookup.find(bannerId)!) ? fate : 'timed')
    return fate
  }

  /** `isActive`: null when nobody registered the banner. */
  #fateBy(isActive: boolean | null): CountingFate {
    if (isActive === null) return this.#areUnknownCounted ? 'counted' : 'unknown'
    return isActive ? 'counted' : 'inactive'
  }
}
