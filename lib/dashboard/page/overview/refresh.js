/** @import { Clock } from '../clock.js' */
/** @import { Answer, QuestionName } from './types.d.ts' */
import { ask, Refused, withTimeout } from '../ask.js'
import { inTurn } from './in-turn.js'
import { missingIds } from './moves.js'
import { everQuestion, questionsAt, restQuestion } from './questions.js'

/** The service answers few long questions at once. Others want answers, too. */
const MOST_AT_ONCE = 2

/**
 * @typedef {object} RefreshListeners
 * @property {(name: QuestionName, answer: Answer) => void} onAnswer
 * @property {(name: QuestionName, refused: Refused) => void} onRefused
 */

/**
 * Puts all questions of the view once, and resolves when each is answered or refused. After an abort nobody is told
 * anything more.
 * @param {number} nowMs
 * @param {Clock} clock
 * @param {AbortSignal} signal
 * @param {RefreshListeners} listeners
 */
export async function refresh(nowMs, clock, signal, { onAnswer, onRefused }) {
  const turn = inTurn(MOST_AT_ONCE)
  const put = async (/** @type {QuestionName} */ name, /** @type {object} */ question) => {
    try {
      const answer = await turn(() => askClicks(question, signal))
      if (!signal.aborted) onAnswer(name, answer)
      return answer
    } catch (error) {
      if (signal.aborted) return null
      if (!(error instanceof Refused)) throw error
      onRefused(name, error)
      return null
    }
  }
  const { today, week, month, campaigns, before } = questionsAt(nowMs, clock)
  const [now, then] = await Promise.all([
    put('week', week),
    put('before', before),
    put('today', today),
    put('month', month),
    put('campaigns', campaigns),
  ])
  if (now === null || then === null || signal.aborted) return
  const ids = missingIds(now.banners ?? [], then.banners ?? [])
  if (ids.length > 0) await put('rest', restQuestion(ids, week))
  else onAnswer('rest', { total: 0, bots: 0, duplicates: 0, banners: [] })
}

/**
 * Whether a click was ever counted. It is taken for granted where the service does not say.
 * @param {number} nowMs
 * @param {AbortSignal} signal
 */
export async function wasEverClicked(nowMs, signal) {
  try {
    return isClicked(await askClicks(everQuestion(nowMs), signal))
  } catch {
    return true
  }
}

/** Filtered clicks are clicks, too. @param {Answer | undefined} answer */
export function isClicked(answer) {
  return answer !== undefined && answer.total + answer.bots + answer.duplicates > 0
}

/** @param {object} question @param {AbortSignal} signal @returns {Promise<Answer>} */
function askClicks(question, signal) {
  return ask('stats', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
    signal: withTimeout(signal),
  })
}
