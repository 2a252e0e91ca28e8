import http from 'node:http'
import { expect } from 'chai'

/** Each bulk has so many clicks of a banner of its own, and one of SHARED_BANNER. */
const OWN_CLICKS = 3
const SHARED_BANNER = 1
const FIRST_BANNER = 1000
/** Of ten bulks, so many are sent a second time although they were answered, to whichever instance. */
const AGAIN_OF_TEN = 5

/** Senders of keyed bulks that send each one until it is answered, and some of them again. */
export class KeyedSenders {
  /** Where the instances are now. */
  readonly #urls: () => readonly string[]
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 32 })
  readonly #acknowledged = new Set<number>()
  #lastKey = 0
  #isStopping = false
  #deliveries = 0
  readonly #ended: Promise<unknown>

  constructor(urls: () => readonly string[], senders: number) {
    this.#urls = urls
    this.#ended = Promise.all(Array.from({ length: senders }, () => this.#send()))
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  /** Resolves when every bulk is answered. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#ended
    this.#agent.destroy()
  }

  /** Expects every bulk to be there once, all of it. */
  async judge(
    title: string,
    database: { query<Row extends object>(sql: string): Promise<Row[]> },
  ): Promise<void> {
    const rows = await database.query<{ id: number; clicks: number }>(
      'SELECT banner_id::int AS id, sum(clicks)::int AS clicks FROM click_minutes GROUP BY 1',
    )
    const counted = new Map(rows.map(({ id, clicks }) => [id, clicks]))
    const shared = counted.get(SHARED_BANNER) ?? 0
    counted.delete(SHARED_BANNER)
    const keys = [...this.#acknowledged]
    const lost = keys.filter(key => !counted.has(FIRST_BANNER + key)).length
    const doubled = [...counted.values()].filter(clicks => clicks !== OWN_CLICKS).length
    console.log(
      `      ${title}: bulks ${keys.length}, deliveries ${this.#deliveries}, lost ${lost}, doubled ${doubled}`,
    )
    expect({ lost, doubled, shared }).to.deep.equal({ lost: 0, doubled: 0, shared: keys.length })
    expect(this.#deliveries).to.be.above(keys.length)
  }

  async #send(): Promise<void> {
    while (!this.#isStopping) {
      const key = ++this.#lastKey
      // Until there is an answer: only then its sender knows that it counts.
      while (!(await this.#deliver(key)));
      this.#acknowledged.add(key)
      if (key % 10 < AGAIN_OF_TEN) await this.#deliver(key)
    }
  }

  /** false: refused for now, or not answered. */
  #deliver(key: number): Promise<boolean> {
    const urls = this.#urls()
    const url = urls[Math.floor(Math.random() * urls.length)]!
    const body = JSON.stringify({
      clicks: [{ id: FIRST_BANNER + key, count: OWN_CLICKS }, { id: SHARED_BANNER }],
    })
    this.#deliveries++
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': `bulk-${key}` }
      const request = http.request(
        `${url}/counter`,
        { method: 'POST', agent: this.#agent, headers },
        response => {
          const { statusCode } = response
          response.resume().on('close', () => {
            if (statusCode === 202 || statusCode === 503) resolve(statusCode === 202)
            else reject(new Error(`a bulk was answered with ${statusCode}`))
          })
        },
      )
      request.on('error', () => setTimeout(resolve, 10, false))
      request.end(body)
    })
  }
}
