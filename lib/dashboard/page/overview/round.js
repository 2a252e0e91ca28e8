/** @import { Clock } from '../clock.js' */
/** @import { Refusals } from './refusals.js' */
/** @import { Answer, Known, QuestionName, Span } from './types.d.ts' */
import { askForClicks, Refused } from '../ask.js'
import { inTurn } from './in-turn.js'
import { missingIds } from './moves.js'
import { everQuestion, questionsAt, restQuestion } from './questions.js'
import { reasonOf } from './refusals.js'
import { dailySpan, hourlySpan } from './span.js'

/** The service answers few long questions at once. Others want answers, too. */
const MOST_AT_ONCE = 2

/**
 * @typedef {object} RefreshListeners
 * @property {(name: QuestionName, known: Known) => void} onAnswer
 * @property {(name: QuestionName, refused: Refused) => void} onRefused
 */

/** All questions of the view, put once. What is refused as too fine is asked for once more, in whole days of UTC. */
export class Round {
  #nowMs
  #spans
  #refusals
  #signal
  #listeners
  #turn = inTurn(MOST_AT_ONCE)

  /**
   * @param {number} nowMs
   * @param {Clock} clock
   * @param {Refusals} refusals of the rounds before
   * @param {AbortSignal} signal after an abort nobody is told anything more
   * @param {RefreshListeners} listeners
   */
  constructor(nowMs, clock, refusals, signal, listeners) {
    this.#nowMs = nowMs
    this.#spans = { hourly: hourlySpan(nowMs, clock), daily: dailySpan(nowMs) }
    this.#refusals = refusals
    this.#signal = signal
    this.#listeners = listeners
  }

  /** Resolves when each question is answered or refused. */
  async run() {
    await Promise.all([this.#putFitting('today'), this.#putWeek(), this.#putFitting('month')])
  }

  /** Its lists are compared with each other, so all of them are of the same days. */
  async #putWeek() {
    const found = await this.#putFitting('week')
    const span = found?.span ?? this.#spans.hourly
    const [then] = await Promise.all([this.#put('before', span), this.#put('campaigns', span)])
    if (found === null || then === null) return
    const ids = missingIds(found.answer.banners ?? [], then.answer.banners ?? [])
    const none = { total: 0, bots: 0, duplicates: 0, banners: [] }
    const { week } = questionsAt(this.#nowMs, span)
    this.#tell('rest', span, ids.length === 0 ? none : await this.#ask(restQuestion(ids, week)))
  }

  /** In the first way that is answered. @param {'today' | 'week' | 'month'} name */
  async #putFitting(name) {
    const [way, other] = this.#refusals.waysOf(name, this.#nowMs, this.#spans)
    const first = await this.#ask(questionsAt(this.#nowMs, way)[name])
    if (other === undefined || !isTooFine(first)) return this.#tell(name, way, first)
    const second = await this.#ask(questionsAt(this.#nowMs, other)[name])
    const isAnsweredByDays = !(second instanceof Refused)
    if (this.#signal.aborted) return null
    // After another failure, such as a service that is away, both ways are tried again.
    if (isAnsweredByDays || isTooFine(second))
      this.#refusals.note(name, { words: reasonOf(first.message), isAnsweredByDays, atMs: this.#nowMs })
    return this.#tell(name, other, isTooFine(second) ? first : second)
  }

  /** @param {'before' | 'campaigns'} name @param {Span} span */
  async #put(name, span) {
    return this.#tell(name, span, await this.#ask(questionsAt(this.#nowMs, span)[name]))
  }

  /** @param {object} question @returns {Promise<Answer | Refused>} */
  async #ask(question) {
    try {
      return await this.#turn(() => askForClicks('stats', question, this.#signal))
    } catch (error) {
      if (error instanceof Refused) return error
      // Nobody is told of it.
      if (this.#signal.aborted) return new Refused(0, '')
      throw error
    }
  }

  /** Null: there is no answer. @param {QuestionName} name @param {Span} span @param {Answer | Refused} found */
  #tell(name, span, found) {
    if (this.#signal.aborted) return null
    if (found instanceof Refused) {
      this.#listeners.onRefused(name, found)
      return null
    }
    this.#listeners.onAnswer(name, { answer: found, atMs: this.#nowMs, span })
    return { answer: found, span }
  }
}

/** @param {Answer | Refused} found @returns {found is Refused} */
function isTooFine(found) {
  return found instanceof Refused && found.status === 400
}

/**
 * Whether a click was ever counted. It is taken for granted where the service does not say.
 * @param {number} nowMs
 * @param {AbortSignal} signal
 */
export async function wasEverClicked(nowMs, signal) {
  try {
    return isClicked(await askForClicks('stats', everQuestion(nowMs), signal))
  } catch {
    return true
  }
}

/** Filtered clicks are clicks, too. @param {Answer | undefined} answer */
export function isClicked(answer) {
  return answer !== undefined && answer.total + answer.bots + answer.duplicates > 0
}
