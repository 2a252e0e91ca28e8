/** @import { Filters } from './types.d.ts' */

/** Banners on a page of the list. The service takes a question about the clicks of so many at once. */
export const PAGE_ROWS = 50

/** @type {Filters} */
export const noFilters = { q: '', campaign: '', label: '', state: 'all' }

/** @param {Filters} filters */
export function isFiltered({ q, campaign, label, state }) {
  return q !== '' || campaign !== '' || label !== '' || state !== 'all'
}

/**
 * Reads an address such as q=sale&state=active&after=….
 * @param {URLSearchParams} values
 * @returns {{ filters: Filters, after: string }} `after`: the cursor of the page; '': it is the first
 */
export function parseFilters(values) {
  const text = (/** @type {string} */ name) => values.get(name) ?? ''
  const named = text('state')
  const state = named === 'active' || named === 'inactive' ? named : 'all'
  return {
    filters: { q: text('q'), campaign: text('campaign'), label: text('label'), state },
    after: text('after'),
  }
}

/** What the address says of them. @param {Filters} filters @param {string} after */
export function filterValues({ q, campaign, label, state }, after) {
  return withoutEmpty({ q, campaign, label, state: state === 'all' ? '' : state, after })
}

/** The query string of GET /banners. @param {Filters} filters @param {string} after */
export function listQuery(filters, after) {
  return withoutEmpty({ limit: String(PAGE_ROWS), ...exportValues(filters), after })
}

/** The query string of the export of what is listed. @param {Filters} filters */
export function exportQuery(filters) {
  return withoutEmpty(exportValues(filters))
}

/** @param {Filters} filters */
function exportValues({ q, campaign, label, state }) {
  return { q, campaign, label, active: state === 'all' ? '' : String(state === 'active') }
}

/** @param {Readonly<Record<string, string>>} texts */
function withoutEmpty(texts) {
  return new URLSearchParams(Object.entries(texts).filter(([, text]) => text !== ''))
}
