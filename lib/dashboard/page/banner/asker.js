/** @import { Clock } from '../clock.js' */
/** @import { Banner } from '../banners/types.d.ts' */
/** @import { Answer, Question, Range, Step } from './types.d.ts' */
/** @import { ClicksQuestion } from './reader.js' */
import { Refused } from '../ask.js'
import { count } from '../format.js'
import { isoMinute } from './ranges.js'
import { readBanner, readClicks } from './reader.js'
import { coarserStep, countSteps, fittingStep, MOST_ENTRIES, stepWord } from './steps.js'

/**
 * @typedef {object} Asked
 * @property {Answer} answer
 * @property {Banner | null | undefined} banner null: nobody registered it; undefined: it is not known
 * @property {ClicksQuestion} question what was asked for in the end
 * @property {string} remark why the step is not the one that fits; '' when it is
 */

/** Asks the service, one question at a time: the next one ends the one before. */
export class ClicksAsker {
  #clock
  #asking = new AbortController()

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
  }

  end() {
    this.#asking.abort()
  }

  /**
   * @param {Question} question
   * @param {Range} range its moments
   * @param {number} widthPixels of the chart
   * @returns {Promise<Asked | null>} null: another question has taken its place. Rejects with Refused
   */
  async ask(question, range, widthPixels) {
    this.#asking.abort()
    const { signal } = (this.#asking = new AbortController())
    try {
      const asked = this.#readClicks(question, range, widthPixels, signal)
      // The clicks are shown, whatever is wrong with the name.
      const banner = readBanner(question.id, signal).catch(() => undefined)
      const answered = { ...(await asked), banner: await banner }
      // The name alone may have been on its way when the next question came.
      return signal.aborted ? null : answered
    } catch (error) {
      if (signal.aborted) return null
      throw error
    }
  }

  /** @param {Question} question @param {Range} range @param {number} widthPixels @param {AbortSignal} signal */
  async #readClicks({ id, from, to, step: chosen, compare }, range, widthPixels, signal) {
    const moments = isKnown(range)
      ? { from: isoMinute(range.fromMs), to: isoMinute(range.toMs) }
      : { from, to }
    const lengthMs = range.toMs - range.fromMs
    let step = chosen === '' ? fittingStep(lengthMs, widthPixels) : chosen
    if (countSteps(step, lengthMs) > MOST_ENTRIES) throw tooMany(step, lengthMs)
    for (let remark = ''; ; ) {
      const question = { ...moments, step, timeZone: this.#clock.timeZone, compare }
      try {
        return { answer: await readClicks(id, question, signal), question, remark }
      } catch (error) {
        const coarser = coarserStep(step, lengthMs)
        if (chosen !== '' || coarser === null || !mayBeAboutStep(error, id, range)) throw error
        remark ||= error.message
        step = coarser
      }
    }
  }
}

/**
 * Whether the service may have refused the step: finer ones are not kept for ever.
 * @param {unknown} error
 * @param {string} id
 * @param {Range} range
 * @returns {error is Refused}
 */
export function mayBeAboutStep(error, id, range) {
  const isElse = !/^[1-9]\d{0,9}$/.test(id) || !isKnown(range)
  return error instanceof Refused && error.status === 400 && !isElse
}

/** @param {Range} range */
function isKnown({ fromMs, toMs }) {
  return fromMs < toMs
}

/** @param {Step} step @param {number} lengthMs */
function tooMany(step, lengthMs) {
  return new Refused(
    400,
    `The range has ${count(countSteps(step, lengthMs))} steps of one ${stepWord(step)}. The page shows ` +
      `${count(MOST_ENTRIES)} at most: choose a coarser step or a shorter range.`,
  )
}
