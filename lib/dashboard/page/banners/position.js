/** @import { Position } from './types.d.ts' */
import { filterValues, noFilters, parseFilters } from './filters.js'

/** @type {Position} */
export const start = { filters: noFilters, after: '', trail: [] }

/**
 * What the address says, and what was written with it.
 * @param {URLSearchParams} values
 * @param {unknown} state
 * @returns {Position}
 */
export function parsePosition(values, state) {
  // A link to a later page has no trail: it leads to the first page, and to the next ones.
  return { ...parseFilters(values), trail: Array.isArray(state) ? state : [] }
}

/** What the address says. @param {Position} position */
export function positionValues({ filters, after }) {
  return filterValues(filters, after)
}

/**
 * The page that a button leads to. null: it leads nowhere.
 * @param {Position} position
 * @param {'first' | 'previous' | 'next'} way
 * @param {string | null} next the cursor of the next page
 * @returns {Position | null}
 */
export function turn({ filters, after, trail }, way, next) {
  if (way === 'next') return next === null ? null : { filters, after: next, trail: [...trail, after] }
  if (way === 'first') return after === '' ? null : { filters, after: '', trail: [] }
  const before = trail.at(-1)
  return before === undefined ? null : { filters, after: before, trail: trail.slice(0, -1) }
}
