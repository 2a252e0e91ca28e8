import fc from 'fast-check'
import { HALF_COUNT, MAX_SLOT_CLICKS, MINUTES_PER_HALF } from '../../lib/memory/layout.ts'
import { ADDED, ADDED_NEARLY_FULL, type AddResult, FULL } from '../../lib/ring/ring.ts'
import { CLICK_CLASSES, type ClickClass } from '../../lib/rows/classes.ts'
import { type Row, rowOf } from '../support/rows.ts'

export type Command =
  | {
      readonly kind: 'add'
      readonly half: number
      readonly minute: number
      readonly bannerId: number
      readonly clickClass: ClickClass
      readonly clicks: number
    }
  | { readonly kind: 'clear'; readonly half: number }
  | { readonly kind: 'register' | 'remove'; readonly bannerId: number }

/** Few enough banners and minutes to meet again, and the widest ones. */
const half = fc.integer({ min: 0, max: HALF_COUNT - 1 })
const bannerId = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 16 }) },
  fc.integer({ min: 2 ** 31 - 4, max: 2 ** 31 - 1 }),
)
const minute = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 28_900_000, max: 28_900_002 }) },
  fc.constantFrom(1, 28_900_004, 2 ** 31 - 1),
)
const clicks = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 5 }) },
  fc.constantFrom(2 ** 30, 2 ** 30 + 1, MAX_SLOT_CLICKS - 1, MAX_SLOT_CLICKS),
)
export const clickClass = fc.constantFrom(...CLICK_CLASSES)
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant('add'), half, minute, bannerId, clickClass, clicks }),
  },
  fc.record({ kind: fc.constant('clear'), half }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('register', 'remove'), bannerId }) },
)
export const commands = fc.array(command, { minLength: 1, maxLength: 60 })

/** Which banners are registered, as a thread would know it. */
export class RegisteredBanners {
  readonly ids: Set<number>

  constructor(ids: Iterable<number> = []) {
    this.ids = new Set(ids)
  }

  get count(): number {
    return this.ids.size
  }

  has(bannerId: number): boolean {
    return this.ids.has(bannerId)
  }

  /** How many slots of a part the other banners may have. */
  roomForOthers(maxBanners: number): number {
    return maxBanners - Math.min(this.ids.size, Math.floor((maxBanners * 3) / 4))
  }
}

interface Minute {
  /** By banner, the clicks of each class. */
  readonly clicks: Map<number, number[]>
  /** Those that were unknown when they came. */
  readonly unknown: Set<number>
}

/** What the ring is meant to be, in plain maps. */
export class RingModel {
  readonly #maxBanners: number
  readonly #registered: RegisteredBanners
  readonly #halves = Array.from({ length: HALF_COUNT }, () => new Map<number, Minute>())

  constructor(maxBanners: number, registered: RegisteredBanners) {
    this.#maxBanners = maxBanners
    this.#registered = registered
  }

  add(half: number, minute: number, bannerId: number, clickClass: ClickClass, clicks: number): AddResult {
    const minutes = this.#halves[half]!
    if (!minutes.has(minute) && minutes.size === MINUTES_PER_HALF) return FULL
    const banners = minutes.get(minute) ?? { clicks: new Map(), unknown: new Set() }
    if (!banners.clicks.has(bannerId) && !this.#claim(banners, bannerId)) return FULL
    const counts = banners.clicks.get(bannerId) ?? CLICK_CLASSES.map(() => 0)
    const before = counts[clickClass]!
    if (before + clicks > MAX_SLOT_CLICKS) return FULL
    minutes.set(minute, banners)
    banners.clicks.set(bannerId, counts.with(clickClass, before + clicks))
    const isNearlyFull = banners.clicks.size >= 0.75 * this.#maxBanners || before > MAX_SLOT_CLICKS / 2
    return isNearlyFull ? ADDED_NEARLY_FULL : ADDED
  }

  #claim({ clicks, unknown }: Minute, bannerId: number): boolean {
    if (clicks.size === this.#maxBanners) return false
    if (this.#registered.has(bannerId)) return true
    if (unknown.size >= this.#registered.roomForOthers(this.#maxBanners)) return false
    unknown.add(bannerId)
    return true
  }

  clear(half: number): void {
    this.#halves[half]!.clear()
  }

  slotsUsed(half: number): number {
    return Math.max(0, ...[...this.#halves[half]!.values()].map(({ clicks }) => clicks.size))
  }

  slotsUsedByUnknown(half: number): number {
    return Math.max(0, ...[...this.#halves[half]!.values()].map(({ unknown }) => unknown.size))
  }

  /** Ascending by banner, then minute. */
  rows(half: number): Row[] {
    const rows: Row[] = []
    for (const [minute, banners] of this.#halves[half]!)
      for (const [bannerId, counts] of banners.clicks) rows.push(rowOf(bannerId, minute, counts))
    return rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  }
}
