/** @import { Clock } from '../clock.js' */
/** @import { Question } from './types.d.ts' */
import { ask, Refused, withTimeout } from '../ask.js'
import { make } from '../dom.js'
import { count } from '../format.js'
import { parseQuestion, questionValues } from './question.js'
import { namedRange } from './ranges.js'

const LOG_IN = 'Log in with a key to see clicks. The question is asked again then.'

/**
 * @typedef {object} BannerListeners
 * @property {(step: { isStep: boolean }) => void} onMoved the address has changed
 * @property {() => void} onRefused somebody has to log in first
 */

/** A banner's clicks. */
export class BannerView {
  #clock
  #listeners
  /** @type {Question} */
  #question = parseQuestion(new URLSearchParams())
  #isRefused = false
  /** The present question to the service. The next one ends it. */
  #asking = new AbortController()
  #title = make('h2', { id: 'banner-title', tabindex: '-1' })
  #problem = make('p', { class: 'problem', role: 'alert', hidden: true })

  /** @param {Clock} clock @param {HTMLElement} section @param {BannerListeners} listeners */
  constructor(clock, section, listeners) {
    this.#clock = clock
    this.#listeners = listeners
    section.replaceChildren(this.#title, this.#problem)
  }

  get values() {
    return questionValues(this.#question)
  }

  /** @param {URLSearchParams} values */
  show(values) {
    this.#question = parseQuestion(values)
    void this.#ask()
  }

  hide() {
    this.#asking.abort()
  }

  redraw() {
    void this.#ask()
  }

  /** Asks again what was refused until somebody logged in. */
  askAgain() {
    if (this.#isRefused) void this.#ask()
  }

  async #ask() {
    this.#asking.abort()
    const { signal } = (this.#asking = new AbortController())
    const { id, range } = this.#question
    const { fromMs, toMs } = namedRange(range === 'own' ? 'hour' : range, Date.now(), this.#clock)
    const body = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
    try {
      const { total } = await ask(`stats/${encodeURIComponent(id || ' ')}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: withTimeout(signal),
      })
      this.#problem.hidden = true
      this.#title.textContent = `Banner ${id}: ${count(total)} clicks`
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Refused)) throw error
      this.#isRefused = error.status === 401
      this.#problem.hidden = false
      this.#problem.textContent = this.#isRefused ? LOG_IN : error.message
      if (this.#isRefused) this.#listeners.onRefused()
    }
  }
}
