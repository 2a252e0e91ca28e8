/** @import { Clock } from '../clock.js' */
/** @import { Refused } from '../ask.js' */
/** @import { Known, QuestionName } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { Board } from './board.js'
import { Refusals, reasonOf } from './refusals.js'
import { isClicked, Round, wasEverClicked } from './round.js'

const REFRESH_MS = 60_000
const RETRY_MS = 10_000
/** A refresh that takes long comes seldom: the service is busy with it for a twentieth of the time at the most. */
const REST = 20
const LOG_IN = 'Log in with a key to see clicks. They are shown then.'

/** How things are as a whole: clicks of today, of 7 and of 30 days, and which banners and campaigns have them. */
export class OverviewView {
  #board
  #clock
  #onRefused
  /** What to do as long as there was no click. @type {HTMLElement | null} */
  #steps = null
  #problem = make('p', { class: 'problem', role: 'alert', hidden: true })
  /** @type {Map<QuestionName, Known>} */
  #known = new Map()
  /** The last refusals. @type {Map<QuestionName, Refused>} */
  #refused = new Map()
  /** What was refused as too fine. */
  #refusals = new Refusals()
  #isShown = false
  /** The present refresh. The next one ends it. */
  #asking = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * @param {Clock} clock
   * @param {HTMLElement} section
   * @param {() => void} onRefused called when somebody waits for an answer and has to log in first
   */
  constructor(clock, section, onRefused) {
    this.#clock = clock
    this.#onRefused = onRefused
    this.#board = new Board(clock)
    const title = make('h2', { id: 'overview-title', class: 'unseen', tabindex: '-1' }, 'Overview')
    section.replaceChildren(title, this.#problem, this.#board.element)
    document.addEventListener('visibilitychange', () => this.#wake())
  }

  /** Nothing of it is in the address. */
  get values() {
    return new URLSearchParams()
  }

  show() {
    this.#isShown = true
    void this.#refresh({ isWanted: true })
  }

  hide() {
    this.#isShown = false
    clearTimeout(this.#timer)
    this.#asking.abort()
  }

  /** The zone has changed, and with it when days begin. */
  redraw() {
    this.#known.clear()
    this.#refusals.clear()
    this.#board.clear()
    if (this.#isShown) void this.#refresh()
  }

  /** Somebody has logged in. */
  askAgain() {
    if (this.#isShown) void this.#refresh()
  }

  /** Nobody asks while the page is hidden. */
  #wake() {
    clearTimeout(this.#timer)
    if (this.#isShown && !document.hidden) void this.#refresh()
  }

  /** @param {{ isWanted?: boolean }} [options] whether somebody waits for it, and nothing else is done meanwhile */
  async #refresh({ isWanted = false } = {}) {
    clearTimeout(this.#timer)
    this.#asking.abort()
    const asking = (this.#asking = new AbortController())
    const { signal } = asking
    const startedMs = Date.now()
    const round = new Round(startedMs, this.#clock, this.#refusals, signal, {
      onAnswer: (name, known) => {
        this.#refused.delete(name)
        this.#known.set(name, known)
        this.#draw()
      },
      onRefused: (name, refused) => {
        this.#refused.set(name, refused)
        this.#draw()
        if (refused.status !== 401) return
        // The others would get the same answer, until somebody logs in.
        asking.abort()
        if (isWanted) this.#onRefused()
      },
    })
    await round.run()
    if (signal.aborted) return
    const isEmpty = !this.#isClicked() && !(await wasEverClicked(startedMs, signal))
    if (signal.aborted) return
    await this.#showSteps(isEmpty)
    const isFailing = Array.from(this.#refused.values()).some(({ status }) => status !== 400)
    const leastMs = isEmpty || isFailing ? RETRY_MS : REFRESH_MS
    const waitMs = Math.max(leastMs, REST * (Date.now() - startedMs))
    if (!document.hidden) this.#timer = setTimeout(() => void this.#refresh(), waitMs)
  }

  /** @param {boolean} isShown in place of the cards */
  async #showSteps(isShown) {
    if (isShown && this.#steps === null) {
      const { firstSteps } = await import('./first-steps.js')
      this.#steps = firstSteps()
      this.#board.element.before(this.#steps)
    }
    if (this.#steps !== null) this.#steps.hidden = !isShown
    this.#board.element.hidden = isShown
  }

  /** Whether a click is known, or may be: an answer is missing. */
  #isClicked() {
    const names = /** @type {const} */ (['today', 'week', 'month'])
    const answers = names.map(name => this.#known.get(name)?.answer)
    return answers.some(answer => answer === undefined || isClicked(answer) || isClicked(answer.compared))
  }

  #draw() {
    const words = new Set(Array.from(this.#refused.values(), wordsOf))
    // What is wrong with all of them is said once.
    const isCommon = words.has(LOG_IN) || (words.size === 1 && this.#refused.size > 2)
    this.#problem.hidden = !isCommon
    writeText(this.#problem, isCommon ? [...words].join(' ') : '')
    const problemOf = (/** @type {QuestionName} */ name) => {
      const refused = this.#refused.get(name)
      return refused === undefined || isCommon ? '' : wordsOf(refused)
    }
    this.#board.show(this.#known, problemOf, this.#refusals.why)
  }
}

/** @param {Refused} refused */
function wordsOf({ status, message }) {
  if (status === 401) return LOG_IN
  return status === 400 ? `${reasonOf(message)}.` : message
}
