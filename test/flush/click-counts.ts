import { expect } from 'chai'
import { type ByClass, byClass, type ClickClass } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { Sums } from '../../lib/rows/sums.ts'

/** Clicks by `banner@minute@class`, for models that must not count as the code does. */
export class ClickCounts {
  readonly #clicks = new Map<string, number>()

  /** A copy. */
  static of(other: ClickCounts): ClickCounts {
    const copy = new ClickCounts()
    copy.addAll(other)
    return copy
  }

  get totals(): ByClass<number> {
    return byClass(clickClass => {
      const ofClass = this.#clicks.entries().filter(([key]) => key.endsWith(`@${clickClass}`))
      return ofClass.reduce((sum, [, by]) => sum + by, 0)
    })
  }

  add(bannerId: number, minute: number, clickClass: ClickClass, by: number): void {
    this.#add(`${bannerId}@${minute}@${clickClass}`, by)
  }

  addAll(other: ClickCounts): void {
    for (const [key, by] of other.#clicks) this.#add(key, by)
  }

  rows(): Rows {
    const sums = new Sums()
    for (const [key, clicks] of this.#clicks) {
      const [bannerId, minute, clickClass] = key.split('@').map(Number) as [number, number, ClickClass]
      sums.add(minute, bannerId, clickClass, clicks)
    }
    return sums.rows()
  }

  expectAtLeast(least: ClickCounts, what: string): void {
    for (const [key, clicks] of least.#clicks)
      expect(this.#clicks.get(key) ?? 0, `${what}: ${key}`).to.be.at.least(clicks)
  }

  expectAtMost(most: ClickCounts): void {
    for (const [key, clicks] of this.#clicks)
      expect(clicks, `doubled: ${key}`).to.be.at.most(most.#clicks.get(key) ?? 0)
  }

  #add(key: string, by: number): void {
    this.#clicks.set(key, (this.#clicks.get(key) ?? 0) + by)
  }
}
