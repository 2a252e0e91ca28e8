import { type ByClass, CLICK_CLASSES, type ClickClass, DUPLICATE, grossOf } from '../../lib/rows/classes.ts'
import type { TestDatabase } from '../support/database.ts'

/** How many clicks of a banner must be counted at least, and may be at most: of each class, and in all. */
interface Fate {
  readonly least: [number, number, number]
  readonly most: [number, number, number]
  leastGross: number
  mostGross: number
}

/** How what was counted differs from what may be, in banners. */
export interface Differences {
  readonly counted: number
  readonly countedByClass: ByClass<number>
  /** Fewer clicks than were acknowledged. */
  readonly lost: number
  /** More clicks than were sent, or a click that was refused. */
  readonly doubled: number
  /** As many as may be, and of another class. */
  readonly misclassed: number
  /** Of acknowledged double clicks: both are valid. */
  readonly missed: number
}

/** What may become of the clicks of each banner, from how they were answered. */
export class Fates {
  readonly #fates = new Map<number, Fate>()

  /** The service, which alone knows the class, has made it one of `classes`. */
  acknowledged(bannerId: number, ...classes: readonly ClickClass[]): void {
    const fate = this.#of(bannerId)
    fate.leastGross++
    if (classes.length === 1) fate.least[classes[0]!]++
    this.unanswered(bannerId, ...classes)
  }

  /** It is counted or not. */
  unanswered(bannerId: number, ...classes: readonly ClickClass[]): void {
    const fate = this.#of(bannerId)
    fate.mostGross++
    for (const clickClass of classes) fate.most[clickClass]++
  }

  /** Compares with the database. All clicks must be stored by now. */
  async differences(database: Pick<TestDatabase, 'query'>, bannersBelow: number): Promise<Differences> {
    const rows = await database.query<{ id: number; clicks: number[] }>(
      `SELECT banner_id::int AS id, ARRAY[sum(clicks), sum(bots), sum(duplicates)]::int[] AS clicks FROM click_minutes
       WHERE banner_id > ${bannersBelow} GROUP BY banner_id`,
    )
    const counted = new Map(rows.map(({ id, clicks }) => [id, clicks as unknown as ByClass<number>]))
    const found = { lost: 0, doubled: 0, misclassed: 0, missed: 0 }
    for (const [bannerId, fate] of this.#fates) {
      const verdict = judge(fate, counted.get(bannerId) ?? [0, 0, 0])
      if (verdict !== 'right') found[verdict]++
    }
    found.doubled += [...counted.keys()].filter(bannerId => !this.#fates.has(bannerId)).length
    const sums = CLICK_CLASSES.map(of => [...counted.values()].reduce((sum, clicks) => sum + clicks[of], 0))
    const countedByClass = sums as unknown as ByClass<number>
    return { ...found, counted: grossOf(countedByClass), countedByClass }
  }

  #of(bannerId: number): Fate {
    const known = this.#fates.get(bannerId)
    if (known !== undefined) return known
    const fate: Fate = { least: [0, 0, 0], most: [0, 0, 0], leastGross: 0, mostGross: 0 }
    this.#fates.set(bannerId, fate)
    return fate
  }
}

function judge(fate: Fate, clicks: ByClass<number>): 'right' | 'lost' | 'doubled' | 'misclassed' | 'missed' {
  const gross = grossOf(clicks)
  if (gross < fate.leastGross) return 'lost'
  if (gross > fate.mostGross) return 'doubled'
  if (CLICK_CLASSES.some(of => clicks[of] < fate.least[of] || clicks[of] > fate.most[of])) return 'misclassed'
  return fate.leastGross === 2 && clicks[DUPLICATE] === 0 ? 'missed' : 'right'
}
