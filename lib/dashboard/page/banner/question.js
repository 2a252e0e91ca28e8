/** @import { Comparison, Question, RangeName, Step } from './types.d.ts' */

const RANGES = ['hour', 'today', 'yesterday', '7days', '30days', 'month', '12months', 'own']
const STEPS = ['minute', 'quarter', 'hour', 'day', 'week', 'month']
const COMPARISONS = ['previous', 'year']

/**
 * The question of an address, such as id=7&range=today&step=hour, or banner=7&range=week, as addresses were before there
 * was this view.
 * @param {URLSearchParams} values
 * @returns {Question}
 */
export function parseQuestion(values) {
  const named = (/** @type {string} */ name) => values.get(name) ?? ''
  const isOld = values.has('banner')
  const range = isOld && named('range') === 'week' ? '7days' : named('range')
  const step = STEPS.includes(named('step')) ? named('step') : ''
  const compare = COMPARISONS.includes(named('compare')) ? named('compare') : ''
  return {
    id: isOld ? named('banner') : named('id'),
    range: /** @type {RangeName} */ (RANGES.includes(range) ? range : isOld ? 'hour' : '7days'),
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
