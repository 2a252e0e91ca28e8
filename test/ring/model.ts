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
)
export const commands = fc.array(command, { minLength: 1, maxLength: 60 })

/** What the ring is meant to be, in plain maps: by half, minute and banner, the clicks of each class. */
export class RingModel {
  readonly #maxBanners: number
  readonly #halves = Array.from({ length: HALF_COUNT }, () => new Map<number, Map<number, number[]>>())

  constructor(maxBanners: number) {
    this.#maxBanners = maxBanners
  }

  add(half: number, minute: number, bannerId: number, clickClass: ClickClass, clicks: number): AddResult {
    const minutes = this.#halves[half]!
    if (!minutes.has(minute) && minutes.size === MINUTES_PER_HALF) return FULL
    const banners = minutes.get(minute) ?? new Map<number, number[]>()
    if (!banners.has(bannerId) && banners.size === this.#maxBanners) return FULL
    const counts = banners.get(bannerId) ?? CLICK_CLASSES.map(() => 0)
    const before = counts[clickClass]!
    if (before + clicks > MAX_SLOT_CLICKS) return FULL
    minutes.set(minute, banners.set(bannerId, counts.with(clickClass, before + clicks)))
    const isNearlyFull = banners.size >= 0.75 * this.#maxBanners || before > MAX_SLOT_CLICKS / 2
    return isNearlyFull ? ADDED_NEARLY_FULL : ADDED
  }

  clear(half: number): void {
    this.#halves[half]!.clear()
  }

  slotsUsed(half: number): number {
    return Math.max(0, ...[...this.#halves[half]!.values()].map(banners => banners.size))
  }

  /** Ascending by banner, then minute. */
  rows(half: number): Row[] {
    const rows: Row[] = []
    for (const [minute, banners] of this.#halves[half]!)
      for (const [bannerId, counts] of banners) rows.push(rowOf(bannerId, minute, counts))
    return rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  }
}
