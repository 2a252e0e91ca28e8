/** @import { Change } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { make } from '../dom.js'
import { differencesOf } from './difference.js'

/** What a change has changed, field by field. @param {Pick<Change, 'before' | 'after'>} change @param {Clock} clock */
export function differenceList(change, clock) {
  const rows = differencesOf(change, clock).map(({ name, before, after }) => {
    const old = before === null ? [] : [make('del', {}, make('bdi', {}, before)), ' → ']
    return make('div', {}, make('dt', {}, name), make('dd', {}, ...old, make('bdi', {}, after)))
  })
  return make('dl', { class: 'differences' }, ...rows)
}
