import http from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { BOT, type ClickClass, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import type { TestDatabase } from '../support/database.ts'
import type { ServiceProcess } from '../support/process.ts'
import { BROWSER, CLASSES, CRAWLER, LEADING, type Settings } from '../support/settings.ts'
import { type Differences, Fates } from './fates.ts'

const CONCURRENCY = 32

/** What a service must have for the oracle's clicks: each of them leads somewhere, and has a class. */
export const CLASSED: Settings = { ...LEADING, ...CLASSES }

interface Verdict {
  readonly sent: number
  readonly acknowledged: number
  readonly counted: number
  /** Acknowledged, but not counted. */
  readonly lost: number
  /** Counted more than once, or counted although refused. */
  readonly doubled: number
}

/** A verdict that knows of classes. */
interface ClassVerdict extends Verdict, Differences {
  /** Double clicks that were acknowledged both times. */
  readonly doubleClicks: number
}

/**
 * Gives every visitor's click its own banner id, so that the fate of each one is known. An acknowledged click must be
 * counted exactly once, a refused one never, and one without an answer once or never. Of eight banners, two are clicked
 * by a bot, and two by somebody who clicks twice: the second click is a duplicate, unless the first one was refused. Every
 * second banner is clicked by the path that leads on. The services have the settings CLASSED.
 */
export class Oracle {
  readonly #fates = new Fates()
  readonly #bannersBelow: number
  #lastBannerId: number
  #sent = 0
  #acknowledged = 0
  #refused = 0
  #doubleClicks = 0

  /** `bannersBelow`: banners up to this id are somebody else's. */
  constructor(bannersBelow = 0) {
    this.#bannersBelow = bannersBelow
    this.#lastBannerId = bannersBelow
  }

  get refused(): number {
    return this.#refused
  }

  get acknowledged(): number {
    return this.#acknowledged
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
      const isAnswered = await this.#visit(bannerId, (userAgent, ...classes) =>
        this.#click(url, bannerId, agent, userAgent, classes),
      )
      if (!isAnswered) return
      if (pauseMs > 0) await setTimeout(pauseMs)
    }
  }

  /** false: nobody has answered. */
  async #visit(
    bannerId: number,
    click: (userAgent: string, ...classes: readonly ClickClass[]) => Promise<Answer>,
  ): Promise<boolean> {
    const kind = bannerId % 8
    if (kind < 2) return (await click(CRAWLER, BOT)) !== 'none'
    const first = await click(BROWSER, VALID)
    if (kind < 6 || first === 'none') return first !== 'none'
    const second = await (first === 'refused' ? click(BROWSER, VALID) : click(BROWSER, VALID, DUPLICATE))
    if (first === 'acknowledged' && second === 'acknowledged') this.#doubleClicks++
    return second !== 'none'
  }

  async #click(
    url: string,
    bannerId: number,
    agent: http.Agent,
    userAgent: string,
    classes: readonly ClickClass[],
  ): Promise<Answer> {
    const path = bannerId % 2 === 0 ? `/click/${bannerId}` : `/counter/${bannerId}`
    this.#sent++
    const status = await statusOf(url + path, agent, userAgent)
    if (status === 404) throw new Error(`${path} leads nowhere`)
    if (status === null) {
      this.#fates.unanswered(bannerId, ...classes)
      return 'none'
    }
    if (status !== 204 && status !== 302) {
      this.#refused++
      return 'refused'
    }
    this.#acknowledged++
    this.#fates.acknowledged(bannerId, ...classes)
    return 'acknowledged'
  }

  /** Compares with the database. All clicks must be stored by now. */
  async verdict(database: Pick<TestDatabase, 'query'>): Promise<ClassVerdict> {
    return {
      ...(await this.#fates.differences(database, this.#bannersBelow)),
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      doubleClicks: this.#doubleClicks,
    }
  }
}

type Answer = 'acknowledged' | 'refused' | 'none'

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

/** Prints the result of a fault test, and fails it when a click was lost, counted twice, or of a wrong class. */
export function judge(title: string, cycles: number, verdict: Verdict | ClassVerdict): void {
  const { acknowledged, counted, sent, lost, doubled } = verdict
  console.log(
    `      ${title}: cycles ${cycles}, acknowledged ${acknowledged}, counted ${counted}, sent ${sent}, lost ${lost}, doubled ${doubled}`,
  )
  expect({ lost, doubled }).to.deep.equal({ lost: 0, doubled: 0 })
  expect(acknowledged).to.be.greaterThan(0)
  expect(counted).to.be.within(acknowledged, sent)
  if ('misclassed' in verdict) judgeClasses(verdict)
}

function judgeClasses({ countedByClass, misclassed, missed, doubleClicks }: ClassVerdict): void {
  const [valid, bots, duplicates] = countedByClass
  console.log(`        valid ${valid}, bots ${bots}, duplicates ${duplicates}, not known as such ${missed}`)
  expect(misclassed, 'of a wrong class').to.equal(0)
  // The table of duplicates errs towards counting where it has no place for a note.
  expect(missed, 'duplicates that count as valid').to.be.at.most(doubleClicks / 100)
}

/** null: the connection broke before an answer. */
function statusOf(url: string, agent: http.Agent, userAgent: string): Promise<number | null> {
  return new Promise(resolve => {
    const request = http.get(url, { agent, headers: { 'user-agent': userAgent } }, response => {
      response.resume()
      response.on('close', () => resolve(response.statusCode!))
    })
    request.on('error', () => resolve(null))
  })
}
