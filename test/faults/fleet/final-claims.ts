import { setTimeout as delay } from 'node:timers/promises'
import { bareFetch } from '../../support/documented-fetch.ts'
import { until } from '../../support/until.ts'
import type { Deliveries } from './deliveries.ts'
import type { Place } from './instances.ts'

const LOOK_INTERVAL_MS = 200
/** So many banners a question may name. */
const MOST_BANNERS = 1000
/** After a fault, so many of those that were found are looked for again. */
const AGAIN = 5000

interface Answer {
  readonly finalThrough: string | null
  readonly banners: readonly {
    readonly bannerId: number
    readonly total: number
    readonly bots: number
    readonly duplicates: number
  }[]
}

/**
 * Asks the instances in turns for what was clicked, all the time. Each answer that says through when it is final must
 * have everything that was acknowledged before.
 */
export class FinalClaims {
  /** What an answer lacked. */
  readonly untrue: string[] = []
  /** Answers that said through when they are final, and claimed more than the ones before. */
  count = 0
  readonly #places: readonly Place[]
  readonly #deliveries: Deliveries
  readonly #loop: Promise<void>
  readonly #from = new Date(Date.now() - 60_000).toISOString()
  /** Of the banners in the order in which they were acknowledged, the first that no final answer had yet. */
  #next = 0
  #isOver = false

  constructor(places: readonly Place[], deliveries: Deliveries) {
    this.#places = places
    this.#deliveries = deliveries
    this.#loop = this.#look()
  }

  /** Something happened: what was there may have gone. */
  lookAgain(): void {
    this.#next = Math.max(0, this.#next - AGAIN)
  }

  /** Resolves when a final answer has had everything that was acknowledged. Nothing more is sent by now. */
  async untilAllFinal(): Promise<void> {
    await until(() => this.#next === this.#deliveries.acknowledged.length)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#loop
  }

  async #look(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const place = this.#places[turn % this.#places.length]!
      const first = this.#next
      const acknowledged = this.#deliveries.acknowledged.slice(first, first + MOST_BANNERS)
      if (acknowledged.length > 0) {
        const answer = await ask(place, this.#from, acknowledged).catch(() => null)
        if (answer !== null && first === this.#next) this.#check(place, acknowledged, answer)
      }
      await delay(LOOK_INTERVAL_MS)
    }
  }

  #check(place: Place, acknowledged: readonly number[], { finalThrough, banners }: Answer): void {
    if (finalThrough === null) return
    const counted = new Map(
      banners.map(({ bannerId, total, bots, duplicates }) => [bannerId, total + bots + duplicates]),
    )
    const isBefore = (id: number) => this.#deliveries.fateOf(id).acknowledgedAtMs! < Date.parse(finalThrough)
    const due = acknowledged.filter(isBefore)
    for (const id of due) {
      const fate = this.#deliveries.fateOf(id)
      if ((counted.get(id) ?? 0) < fate.clicks)
        this.untrue.push(
          `${place.name} is final through ${finalThrough} without ${id}: ${JSON.stringify(fate)}`,
        )
    }
    if (due.length > 0) this.count++
    this.#next += due.length
  }
}

/** null: it does not answer. */
async function ask({ port }: Place, from: string, ids: readonly number[]): Promise<Answer | null> {
  const response = await bareFetch(`http://127.0.0.1:${port}/stats`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from, to: new Date(Date.now() + 120_000).toISOString(), ids }),
  })
  if (response.status === 200) return (await response.json()) as Answer
  await response.body?.cancel()
  return null
}
