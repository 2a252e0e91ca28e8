import http from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import type { TestDatabase } from '../support/database.ts'
import type { ServiceProcess } from '../support/process.ts'

const CONCURRENCY = 32

interface Verdict {
  readonly sent: number
  readonly acknowledged: number
  readonly counted: number
  /** Acknowledged, but not counted. */
  readonly lost: number
  /** Counted more than once, or counted although refused. */
  readonly doubled: number
}

/**
 * Gives every request its own banner id, so that the fate of each one is known. An acknowledged click must be counted
 * exactly once, a refused one never, and one without an answer once or never. Every second one goes by the path that
 * leads on, so the services have the settings LEADING.
 */
export class Oracle {
  readonly #acknowledged = new Set<number>()
  readonly #unknown = new Set<number>()
  readonly #refused = new Set<number>()
  readonly #bannersBelow: number
  #lastBannerId: number

  /** `bannersBelow`: banners up to this id are somebody else's. */
  constructor(bannersBelow = 0) {
    this.#bannersBelow = bannersBelow
    this.#lastBannerId = bannersBelow
  }

  get refused(): number {
    return this.#refused.size
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  /**
   * Sends clicks on many connections, one after the other on each, `pauseMs` apart, until the signal or until nobody
   * answers.
   */
  async fire(url: string, until: AbortSignal, connections = CONCURRENCY, pauseMs = 0): Promise<void> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
    await Promise.all(Array.from({ length: connections }, () => this.#fireOnOne(url, agent, until, pauseMs)))
    agent.destroy()
  }

  async #fireOnOne(url: string, agent: http.Agent, until: AbortSignal, pauseMs: number): Promise<void> {
    while (!until.aborted) {
      const bannerId = ++this.#lastBannerId
      const path = bannerId % 2 === 0 ? `/click/${bannerId}` : `/counter/${bannerId}`
      const status = await click(url + path, agent)
      if (status === 404) throw new Error(`${path} leads nowhere`)
      if (status === 204 || status === 302) this.#acknowledged.add(bannerId)
      else if (status === null) this.#unknown.add(bannerId)
      else this.#refused.add(bannerId)
      if (status === null) return
      if (pauseMs > 0) await setTimeout(pauseMs)
    }
  }

  /** Compares with the database. All clicks must be stored by now. */
  async verdict(database: Pick<TestDatabase, 'query'>): Promise<Verdict> {
    const rows = await database.query<{ id: string; clicks: string }>(
      `SELECT banner_id::text AS id, sum(clicks)::text AS clicks FROM click_minutes
       WHERE banner_id > ${this.#bannersBelow} GROUP BY banner_id`,
    )
    const counted = new Map(rows.map(({ id, clicks }) => [Number(id), Number(clicks)]))
    return {
      sent: this.#lastBannerId - this.#bannersBelow,
      acknowledged: this.#acknowledged.size,
      counted: rows.reduce((sum, { clicks }) => sum + Number(clicks), 0),
      lost: [...this.#acknowledged].filter(id => !counted.has(id)).length,
      doubled: [...counted].filter(([id, clicks]) => clicks > 1 || this.#refused.has(id)).length,
    }
  }
}

/** Sends clicks of the oracle from now on. `stop` resolves when the last one is answered. */
export function fireAt(oracle: Oracle, { url }: ServiceProcess, connections?: number, pauseMs?: number) {
  const ended = new AbortController()
  const fired = oracle.fire(url, ended.signal, connections, pauseMs)
  return {
    async stop(): Promise<void> {
      ended.abort()
      await fired
    },
  }
}

/** Prints the result of a fault test, and fails it when a click was lost or counted twice. */
export function judge(title: string, cycles: number, verdict: Verdict): void {
  const { acknowledged, counted, sent, lost, doubled } = verdict
  console.log(
    `      ${title}: cycles ${cycles}, acknowledged ${acknowledged}, counted ${counted}, sent ${sent}, lost ${lost}, doubled ${doubled}`,
  )
  expect({ lost, doubled }).to.deep.equal({ lost: 0, doubled: 0 })
  expect(acknowledged).to.be.greaterThan(0)
  expect(counted).to.be.within(acknowledged, sent)
}

/** The status, or null when the connection broke before an answer. */
function click(url: string, agent: http.Agent): Promise<number | null> {
  return new Promise(resolve => {
    const request = http.get(url, { agent }, response => {
      response.resume()
      response.on('close', () => resolve(response.statusCode!))
    })
    request.on('error', () => resolve(null))
  })
}
