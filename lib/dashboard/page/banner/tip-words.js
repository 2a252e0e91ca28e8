/** @import { Entry, Shown } from './types.d.ts' */
import { filteredWords } from '../filtered-words.js'
import { clicksWords } from './figure-words.js'
import { entryWords, hasChange, stepWords } from './step-words.js'

/**
 * What is read of a step, in one sentence for screen readers.
 * @param {Entry} entry
 * @param {Shown} shown
 */
export function tipSentence(entry, shown) {
  const { step } = shown.answer
  const { state, clicks, compared } = entry
  const filtered = filteredWords(entry)
  const counted = [clicksWords(clicks), ...(filtered === '' ? [] : [filtered])].join(', ')
  const now = { closed: counted, running: `${counted}, so far`, ahead: 'not begun yet' }[state]
  const before =
    compared === null
      ? ''
      : ` Compared: ${clicksWords(compared.clicks)}, ${stepWords(compared.wallMs, step)}.`
  return `${entryWords(entry, step, hasChange(shown.entries))}: ${now}.${before}`
}
