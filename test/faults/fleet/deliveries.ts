import type { OwnPostgres } from '../own-postgres.ts'

/** What is known of the clicks that were sent for one banner, which nobody else clicks. */
interface Fate {
  /** In each delivery. */
  readonly clicks: number
  readonly isKeyed: boolean
  /** How often they were sent, but for refusals. */
  sent: number
  /** When the first answer came that they are accepted; null: none has come. */
  acknowledgedAtMs: number | null
}

export interface Verdict {
  readonly banners: number
  readonly acknowledged: number
  readonly counted: number
  /** Sent more than once. */
  readonly repeated: number
  /** Banners whose clicks were acknowledged, and are not there, or not all of them. */
  readonly lost: readonly string[]
  /** Banners with clicks more than once by key, or more often than they were sent. */
  readonly doubled: readonly string[]
}

/** Every click and bulk that was sent, and what became of it. */
export class Deliveries {
  /** Banners in the order in which they were acknowledged. */
  readonly acknowledged: number[] = []
  readonly #fates = new Map<number, Fate>()
  #lastBannerId = 0

  /** Banners of a new click or bulk; `clicks` of each. Resolves their ids. */
  open(clicks: readonly number[], isKeyed: boolean): number[] {
    return clicks.map(each => {
      this.#fates.set(++this.#lastBannerId, { clicks: each, isKeyed, sent: 0, acknowledgedAtMs: null })
      return this.#lastBannerId
    })
  }

  sent(bannerIds: readonly number[]): void {
    for (const id of bannerIds) this.#fates.get(id)!.sent++
  }

  /** It is not counted, by the word of the service. */
  refused(bannerIds: readonly number[]): void {
    for (const id of bannerIds) this.#fates.get(id)!.sent--
  }

  acknowledge(bannerIds: readonly number[], atMs: number): void {
    for (const id of bannerIds) this.#fates.get(id)!.acknowledgedAtMs = atMs
    this.acknowledged.push(...bannerIds)
  }

  fateOf(bannerId: number): Fate {
    return this.#fates.get(bannerId)!
  }

  /** Compares with the database. Everything that is accepted must be stored by now. */
  async verdict(database: Pick<OwnPostgres, 'query'>): Promise<Verdict> {
    const counted = await countedIn(database)
    const lost: string[] = []
    const doubled: string[] = []
    let acknowledged = 0
    let repeated = 0
    for (const [id, fate] of this.#fates) {
      const isAcknowledged = fate.acknowledgedAtMs !== null
      if (isAcknowledged) acknowledged += fate.clicks
      if (fate.sent > 1) repeated++
      const times = (counted.get(id) ?? 0) / fate.clicks
      const most = fate.isKeyed ? Math.min(1, fate.sent) : fate.sent
      const words = () => `banner ${id}: ${times} times of ${JSON.stringify(fate)}`
      if (times < (isAcknowledged ? 1 : 0) || !Number.isInteger(times)) lost.push(words())
      else if (times > most) doubled.push(words())
    }
    for (const id of counted.keys()) if (!this.#fates.has(id)) doubled.push(`banner ${id} was never sent`)
    const total = counted.values().reduce((sum, clicks) => sum + clicks, 0)
    return { banners: this.#fates.size, acknowledged, counted: total, repeated, lost, doubled }
  }
}

/** Clicks by banner. */
export async function countedIn(database: Pick<OwnPostgres, 'query'>): Promise<Map<number, number>> {
  const rows = await database.query<{ id: number; clicks: number }>(
    `SELECT banner_id::int AS id, sum(clicks + bots + duplicates)::int AS clicks FROM click_minutes GROUP BY banner_id`,
  )
  return new Map(rows.map(({ id, clicks }) => [id, clicks]))
}
