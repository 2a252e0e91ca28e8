/** @import { Banner } from '../banners/types.d.ts' */
/** @import { Answer, Comparison, Step } from './types.d.ts' */
import { ask, askForClicks, askForFile, jsonRequest, Refused, withTimeout } from '../ask.js'

/**
 * @typedef {object} ClicksQuestion as the service takes it
 * @property {string} from
 * @property {string} to
 * @property {Step} step
 * @property {string} timeZone
 * @property {Comparison} compare
 */

/**
 * A banner's clicks, with an entry for each step. Rejects with Refused.
 * @param {string} id as it was typed
 * @param {ClicksQuestion} question
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export function readClicks(id, { compare, ...question }, signal) {
  const body = compare === '' ? question : { ...question, compare }
  return askForClicks(addressOf(id), { ...body, fill: true }, signal)
}

/**
 * The same clicks as a CSV file, without what they are compared with. Without a time-out: a long one takes a while.
 * @param {string} id
 * @param {ClicksQuestion} question
 */
export function readFile(id, { compare: _, ...question }) {
  return askForFile(addressOf(id), jsonRequest('POST', { ...question, fill: true }, { accept: 'text/csv' }))
}

/**
 * Who a banner is. null: nobody has registered it. Rejects with Refused.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Banner | null>}
 */
export async function readBanner(id, signal) {
  try {
    return await ask(`banners/${encodeURIComponent(id)}`, { signal: withTimeout(signal) })
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null
    throw error
  }
}

/** @param {string} id */
function addressOf(id) {
  return `stats/${encodeURIComponent(id)}`
}
