/** @import { Comparison, Question, RangeName } from './types.d.ts' */
import { steps } from './steps.js'

/** Those that can be chosen, as the form names them. @type {ReadonlyMap<RangeName, string>} */
export const rangeNames = new Map([
  ['hour', 'Last hour'],
  ['today', 'Today'],
  ['yesterday', 'Yesterday'],
  ['7days', '7 days'],
  ['30days', '30 days'],
  ['month', 'This month'],
  ['12months', '12 months'],
  ['own', 'From – to'],
])

/** In the same way. @type {ReadonlyMap<Comparison, string>} */
export const comparisonNames = new Map([
  ['', 'Nothing'],
  ['previous', 'The range before'],
  ['year', 'A year earlier'],
])

/**
 * The question of an address, such as id=7&range=today&step=hour, or banner=7&range=week, as addresses were before there
 * was this view.
 * @param {URLSearchParams} values
 * @returns {Question}
 */
export function parseQuestion(values) {
  const named = (/** @type {string} */ name) => values.get(name) ?? ''
  const isOld = values.has('banner')
  const wanted = /** @type {RangeName} */ (isOld && named('range') === 'week' ? '7days' : named('range'))
  const range = rangeNames.has(wanted) ? wanted : isOld ? 'hour' : '7days'
  const compare = /** @type {Comparison} */ (named('compare'))
  return {
    id: isOld ? named('banner') : named('id'),
    range,
    from: range === 'own' ? named('from') : '',
    to: range === 'own' ? named('to') : '',
    step: steps.find(({ step }) => step === named('step'))?.step ?? '',
    compare: comparisonNames.has(compare) ? compare : '',
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
