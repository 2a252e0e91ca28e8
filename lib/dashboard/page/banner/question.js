/** @import { Comparison, Question, RangeName, Step } from './types.d.ts' */

const RANGES = ['hour', 'today', 'yesterday', '7days', '30days', 'month', '12months', 'own']
const STEPS = ['minute', 'quarter', 'hour', 'day', 'week', 'month']
const COMPARISONS = ['previous', 'year']
/** Seven days were called so before there were other ranges. */
const OLD_WEEK = 'week'
const USUAL_RANGE = '7days'

/**
 * The question of an address, such as id=7&range=today&step=hour.
 * @param {URLSearchParams} values
 * @returns {Question}
 */
export function parseQuestion(values) {
  const named = (/** @type {string} */ name) => values.get(name) ?? ''
  const range = named('range') === OLD_WEEK ? '7days' : named('range')
  const step = STEPS.includes(named('step')) ? named('step') : ''
  const compare = COMPARISONS.includes(named('compare')) ? named('compare') : ''
  return {
    id: named('id'),
    range: /** @type {RangeName} */ (RANGES.includes(range) ? range : USUAL_RANGE),
    from: range === 'own' ? named('from') : '',
    to: range === 'own' ? named('to') : '',
    step: /** @type {Step | ''} */ (step),
    compare: /** @type {Comparison} */ (compare),
  }
}

/** What the address says of a question. @param {Question} question */
export function questionValues({ id, range, from, to, step, compare }) {
  const values = new URLSearchParams()
  if (id === '') return values
  for (const [name, value] of Object.entries({ id, range, from, to, step, compare }))
    if (value !== '') values.set(name, value)
  return values
}
