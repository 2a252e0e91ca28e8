/** @import { Clock } from '../clock.js' */
/** @import { Asked } from './asker.js' */
/** @import { Question, Range, Shown, Step } from './types.d.ts' */
import { Refused } from '../ask.js'
import { AnswerBox } from './answer-box.js'
import { ClicksAsker, mayBeAboutStep } from './asker.js'
import { shownOf } from './entries.js'
import { downloadClicks } from './file.js'
import { QuestionForm } from './form.js'
import { BannerHead } from './head.js'
import { ProblemBox } from './problem-box.js'
import { parseQuestion, questionValues } from './question.js'
import { isoMinute, rangeOf } from './ranges.js'
import { pan, zoomOut } from './zoom.js'

/** While a range is not over. */
const REFRESH_MS = 30_000
const LOG_IN = 'Log in with a key to see clicks. The question is asked again then.'

/**
 * @typedef {object} BannerListeners
 * @property {(step: { isStep: boolean }) => void} onMoved the address has changed
 * @property {() => void} onRefused somebody has to log in first
 * @property {(zone: string) => void} onZone another zone was chosen
 */

/** A banner's clicks: what is asked for, and the answer as figures, a chart, a table and a file. */
export class BannerView {
  #clock
  #listeners
  #form
  #head
  #problem
  #answer
  #asker
  #question = parseQuestion(new URLSearchParams())
  /** What is on screen. @type {{ asked: Asked, shown: Shown, id: string } | null} */
  #present = null
  #isVisible = false
  #isRefused = false
  /** Whether the answer to what was refused would have got the focus. */
  #wasFocused = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {Clock} clock @param {HTMLElement} section @param {BannerListeners} listeners */
  constructor(clock, section, listeners) {
    this.#clock = clock
    this.#listeners = listeners
    this.#asker = new ClicksAsker(clock)
    this.#form = new QuestionForm(clock, {
      onAsked: (question, isSent) => this.#go(question, isSent),
      onZone: listeners.onZone,
    })
    this.#head = new BannerHead(clock, this.#form.idField)
    this.#problem = new ProblemBox({
      onFitting: () => this.#go({ ...this.#question, step: '' }, true),
      onUtc: () => listeners.onZone('utc'),
    })
    this.#answer = new AnswerBox(clock, {
      onRange: range => this.#zoom(range),
      onZoomOut: () => this.#move((range, step) => zoomOut(range, step, Date.now(), clock)),
      onPan: way => this.#move((range, step) => pan(range, step, way, clock)),
      onWider: () => this.#go({ ...this.#question, range: '12months', step: '' }, true),
      onFile: () => void this.#download(),
      onUtc: () => listeners.onZone('utc'),
    })
    const parts = [this.#head, this.#form, this.#problem, this.#answer]
    section.replaceChildren(...parts.map(({ element }) => element))
    document.addEventListener('visibilitychange', () => this.#wake())
  }

  get values() {
    return questionValues(this.#question)
  }

  /** @param {URLSearchParams} values */
  show(values) {
    this.#isVisible = true
    this.#question = parseQuestion(values)
    this.#form.show(this.#question, this.#range)
    void this.#ask()
  }

  hide() {
    this.#isVisible = false
    clearTimeout(this.#timer)
    this.#asker.end()
  }

  /** The zone has changed, and with it what a day is. */
  redraw() {
    this.#form.redraw()
    if (this.#isVisible) void this.#ask()
  }

  /** Asks again what was refused until somebody logged in. */
  askAgain() {
    if (this.#isVisible && this.#isRefused) void this.#ask({ isFocused: this.#wasFocused })
  }

  /** @param {Question} question @param {boolean} isFocused whether the answer gets the focus */
  #go(question, isFocused) {
    this.#question = question
    this.#form.show(question, this.#range)
    this.#listeners.onMoved({ isStep: true })
    void this.#ask({ isFocused })
  }

  /** Shows a part of what is shown, in the step that fits it. @param {Range} range */
  #zoom({ fromMs, toMs }) {
    const own = { range: /** @type {const} */ ('own'), from: isoMinute(fromMs), to: isoMinute(toMs) }
    this.#go({ ...this.#question, ...own, step: '' }, false)
  }

  /** @param {(range: Range, step: Step) => Range} moved */
  #move(moved) {
    if (this.#present === null) return
    const { shown } = this.#present
    this.#zoom(moved(shown, shown.answer.step))
  }

  /** The moments of the question, as of now. */
  get #range() {
    return rangeOf(this.#question, Date.now(), this.#clock)
  }

  /** @param {{ isFocused?: boolean, isCalm?: boolean }} options `isCalm`: nobody waits for the answer */
  async #ask({ isFocused = false, isCalm = false } = {}) {
    clearTimeout(this.#timer)
    if (this.#question.id === '') {
      this.#invite()
      return
    }
    this.#answer.isBusy = !isCalm
    if (!isCalm) this.#wasFocused = isFocused
    try {
      const width = this.#head.element.clientWidth
      const asked = await this.#asker.ask(this.#question, this.#range, width)
      // Another question has taken its place, or another view.
      if (asked === null) return
      this.#show(asked, isCalm)
      if (isFocused) this.#answer.focus()
      else if (!isCalm) this.#answer.tell()
    } catch (error) {
      this.#complain(error, { isFocused, isCalm })
    }
    this.#answer.isBusy = false
    this.#refreshLater()
  }

  #wake() {
    clearTimeout(this.#timer)
    if (this.#isRefreshed) void this.#ask({ isCalm: true })
  }

  #refreshLater() {
    clearTimeout(this.#timer)
    if (this.#isRefreshed) this.#timer = setTimeout(() => void this.#ask({ isCalm: true }), REFRESH_MS)
  }

  /** Nobody asks for what nobody sees, nor for what does not change any more. */
  get #isRefreshed() {
    const isSeen = this.#isVisible && !document.hidden
    return isSeen && this.#question.id !== '' && this.#range.toMs > Date.now()
  }

  /** @param {Asked} asked @param {boolean} isSameQuestion */
  #show(asked, isSameQuestion) {
    const { id, step, range } = this.#question
    this.#isRefused = false
    this.#problem.hide()
    const shown = shownOf(asked.answer, Date.now())
    this.#present = { asked, shown, id }
    this.#head.show(id, asked.banner)
    if (step === '') this.#form.automaticStep = asked.answer.step
    const { remark } = asked
    // There may be days where days of the chosen zone were refused.
    const hasUtc =
      remark !== '' && ['week', 'month'].includes(asked.answer.step) && this.#clock.timeZone !== 'UTC'
    this.#answer.show(shown, { remark, hasUtc, isSameQuestion, isWidest: range === '12months' })
  }

  #invite() {
    this.#asker.end()
    this.#present = null
    this.#head.show('', null)
    this.#problem.hide()
    this.#answer.hide()
  }

  /** @param {unknown} error @param {{ isFocused: boolean, isCalm: boolean }} options */
  #complain(error, { isFocused, isCalm }) {
    if (!(error instanceof Refused)) throw error
    const { id, step } = this.#question
    this.#isRefused = error.status === 401
    const isStep = mayBeAboutStep(error, id, this.#range)
    this.#problem.show(this.#isRefused ? LOG_IN : error.message, {
      hasFitting: isStep && step !== '',
      // What is kept or was imported by days alone has days of UTC.
      hasUtc: isStep && this.#clock.zone !== 'utc',
    })
    // Not in the middle of something else: whoever types would lose the focus.
    if (this.#isRefused && !isCalm) this.#listeners.onRefused()
    // What was shown stays when a session has ended, and when it only cannot be refreshed.
    if (this.#isRefused || isCalm) return
    if (this.#present?.id !== id) this.#head.show(id, undefined)
    this.#present = null
    this.#answer.hide()
    if (isFocused) this.#problem.focus()
  }

  async #download() {
    if (this.#present === null) return
    const { id, asked } = this.#present
    this.#answer.isFileBusy = true
    try {
      await downloadClicks(id, asked.question)
    } catch (error) {
      this.#complain(error, { isFocused: true, isCalm: false })
    } finally {
      this.#answer.isFileBusy = false
    }
  }
}
