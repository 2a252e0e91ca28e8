/** @import { Entry, Shown } from './types.d.ts' */
import { make } from '../dom.js'
import { filteredWords } from '../filtered-words.js'
import { count } from '../format.js'
import { changeWords, clicksWords } from './figure-words.js'
import { entryWords, hasChange, stepWords } from './step-words.js'

/**
 * What is shown of the step that is read.
 * @param {Entry} entry
 * @param {Shown} shown
 */
export function tipParts(entry, shown) {
  const { step } = shown.answer
  const { state, clicks, compared } = entry
  const filtered = filteredWords(entry)
  const parts = [make('p', { class: 'when' }, entryWords(entry, step, hasChange(shown.entries)))]
  if (state !== 'ahead') {
    const soFar = state === 'running' ? ' so far' : ''
    parts.push(make('p', {}, make('i', { class: 'key one' }), make('b', {}, clicksWords(clicks)), soFar))
    if (filtered !== '') parts.push(make('p', { class: 'line' }, filtered))
  }
  if (compared !== null) {
    const change = state === 'closed' ? ` (${changeWords(clicks, compared.clicks)})` : ''
    parts.push(
      make('p', {}, make('i', { class: 'key two' }), make('b', {}, count(compared.clicks)), change),
      make('p', { class: 'line' }, stepWords(compared.wallMs, step)),
    )
  }
  return parts
}
