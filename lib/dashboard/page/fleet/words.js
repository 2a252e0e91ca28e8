/** @import { Fleet, Instance, StateWords } from './types.d.ts' */
import { count, duration } from '../format.js'

/** Who needs somebody comes first. */
const ORDER = ['Lost', 'Lagging', 'Draining', 'Serving', 'Stopped', 'Forgotten']

/** @param {Instance} instance @param {Fleet} fleet @returns {StateWords} */
export function stateWords({ state, name }, { heldBackBy }) {
  switch (state) {
    case 'lost':
      return { tone: 'bad', word: 'Lost' }
    case 'serving':
      return heldBackBy.includes(name) ? { tone: 'warn', word: 'Lagging' } : { tone: 'good', word: 'Serving' }
    case 'draining':
      return { tone: 'warn', word: 'Draining' }
    case 'stopped':
      return { tone: 'idle', word: 'Stopped' }
    case 'forgotten':
      return { tone: 'idle', word: 'Forgotten' }
  }
}

/** In the order in which they are shown. @param {Fleet} fleet */
export function inOrder(fleet) {
  const place = (/** @type {Instance} */ instance) => ORDER.indexOf(stateWords(instance, fleet).word)
  return fleet.instances.toSorted((one, other) => place(one) - place(other) || byName(one, other))
}

/** Of one name, the life that began last. @param {Instance} one @param {Instance} other */
function byName(one, other) {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1
  return one.startedAt < other.startedAt ? 1 : -1
}

/**
 * How they are together, in one sentence.
 * @param {Fleet} fleet
 */
export function summary({ instances }) {
  const serving = instances.filter(({ state }) => state === 'serving').length
  const lost = instances.filter(({ state }) => state === 'lost')
  const waiting = lost.reduce((sum, { pending }) => sum + pending, 0)
  const service = `${count(serving)} ${serving === 1 ? 'instance serves' : 'instances serve'}.`
  if (lost.length === 0) return service
  return `${service} ${count(lost.length)} ${lost.length === 1 ? 'is' : 'are'} lost, with ${clicks(waiting)} at the last word.`
}

/**
 * Up to when answers have each click.
 * @param {Fleet} fleet
 * @param {number} nowMs
 * @param {(atMs: number) => string} write
 */
export function finalWords({ finalThrough, heldBackBy }, nowMs, write) {
  if (finalThrough === null) return 'No instance has told yet up to when its clicks are stored.'
  const atMs = Date.parse(finalThrough)
  const through = `Answers have every click that came before ${write(atMs)}, ${ago(atMs, nowMs)}.`
  return heldBackBy.length === 0 ? through : `${through} Held back by ${heldBackBy.join(', ')}.`
}

/** @param {Instance} instance */
export function pendingWords({ pending, pendingSeconds }) {
  return pending === 0 ? ['none', ''] : [count(pending), `for ${duration(pendingSeconds)}`]
}

/** @param {number} atMs @param {number} nowMs */
export function ago(atMs, nowMs) {
  return `${duration((nowMs - atMs) / 1000)} ago`
}

/** @param {number} sum */
function clicks(sum) {
  if (sum === 0) return 'no click waiting'
  return sum === 1 ? '1 click waiting' : `${count(sum)} clicks waiting`
}
