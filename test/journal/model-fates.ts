import { expect } from 'chai'
import { type ClickClass, VALID } from '../../lib/rows/classes.ts'
import type { ModelPostgres } from './model-postgres.ts'

/** Clicks of a bulk are those of a banner and, as many, of the one so much further on: they must never part. */
export const TWIN = 1000
/** Between a banner's fates by class. */
const CLASS_STEP = 1_000_000

/** What became of a banner's clicks of a class, as their senders know it. */
export interface Fate {
  readonly bannerId: number
  readonly clickClass: ClickClass
  acknowledged: number
  /** Unanswered when the process died. */
  unknown: number
}

/** A plain counter beside all lives of the service. */
export class Fates {
  /** By banner, a million more for each class. */
  readonly #fates = new Map<number, Fate>()

  of(bannerId: number, clickClass: ClickClass = VALID): Fate {
    const key = bannerId + CLASS_STEP * clickClass
    const fate = this.#fates.get(key) ?? { bannerId, clickClass, acknowledged: 0, unknown: 0 }
    this.#fates.set(key, fate)
    return fate
  }

  get acknowledged(): number {
    return this.#fates.values().reduce((sum, fate) => sum + fate.acknowledged, 0)
  }

  /** Postgres has each acknowledged click once, unless some may be lost, and no bulk in part. */
  expectOnce(postgres: ModelPostgres, mayLose: boolean): void {
    for (const [key, { bannerId, clickClass, acknowledged, unknown }] of this.#fates) {
      const clicks = postgres.clicksOf(bannerId, clickClass)
      const who = `banner ${bannerId}, class ${clickClass}`
      expect(clicks, who).to.be.within(mayLose ? 0 : acknowledged, acknowledged + unknown)
      if (this.#fates.has(key + TWIN))
        expect(clicks, `${who}, its twin`).to.equal(postgres.clicksOf(bannerId + TWIN, clickClass))
    }
  }
}
