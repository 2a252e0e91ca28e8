/** @import { Change, FieldName } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { FIELD_NAMES, FIELDS, textOf, wordsOf } from './fields.js'

/**
 * @typedef {{ name: string, before: string | null, after: string }} Difference
 * `before`: null when there was no banner
 */

/** What became of the banner. @param {Pick<Change, 'before' | 'after'>} change */
export function verbOf({ before, after }) {
  if (before === null) return 'registered it'
  return after === null ? 'deleted it' : 'changed it'
}

/**
 * The fields that a change has changed, for people. A new banner's empty fields are left out.
 * @param {Pick<Change, 'before' | 'after'>} change
 * @param {Clock} clock
 * @returns {Difference[]}
 */
export function differencesOf({ before, after }, clock) {
  if (after === null) return []
  const words = (/** @type {FieldName} */ field, /** @type {NonNullable<Change['after']>} */ values) =>
    wordsOf(field, textOf(field, values[field] ?? null, clock), clock)
  return FIELDS.filter(field => field in after)
    .map(field => ({
      name: FIELD_NAMES[field],
      before: before === null ? null : words(field, before),
      after: words(field, after),
    }))
    .filter(difference => difference.before !== null || difference.after !== 'nothing')
}
