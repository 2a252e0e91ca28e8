/** @import { ImportReport, SampledChange } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { keepRoles, make } from '../dom.js'
import { count } from '../format.js'
import { differenceList } from './difference-list.js'

/** The first banners that an import would add or change. @param {ImportReport} report @param {Clock} clock */
export function sampleTable({ created, changed, sample }, clock) {
  if (sample.length === 0) return make('div')
  const all = created + changed
  const words =
    sample.length < all
      ? `The first ${count(sample.length)} of ${count(all)} that would be new or changed`
      : 'What would be new or changed'
  const head = ['Id', 'What', 'Fields'].map(name => make('th', { scope: 'col' }, name))
  const table = make(
    'table',
    { class: 'sample' },
    make('caption', {}, words),
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...sample.map(change => row(change, clock))),
  )
  keepRoles(table)
  return table
}

/** @param {SampledChange} change @param {Clock} clock */
function row(change, clock) {
  return make(
    'tr',
    {},
    make('th', { scope: 'row', class: 'number' }, String(change.id)),
    make('td', {}, change.before === null ? 'new' : 'changed'),
    make('td', {}, differenceList(change, clock)),
  )
}
