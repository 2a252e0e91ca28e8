import { expect } from 'chai'
import { type ClickClass, VALID } from '../../lib/rows/classes.ts'
import type { ModelPostgres } from './model-postgres.ts'

/** A bulk has as many clicks of a banner as of its twin, whose id is so much larger: the two must never part. */
export const TWIN = 1000
/** The step between the keys of a banner's fates by class. */
const CLASS_STEP = 1_000_000

/** What the senders know of a banner's clicks of a class. */
export interface Fate {
  readonly bannerId: number
  readonly clickClass: ClickClass
  acknowledged: number
  /** Unanswered when the process died. */
  unknown: number
}

/** A plain counter beside all lives of the service. */
export class Fates {
  /** The key is the banner's id, and a step more for each class. */
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

  /** Expects each acknowledged click once in Postgres, at most once if some may be lost, and no bulk in part. */
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
