/** @import { Banner, FieldName, FieldTexts } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { make } from '../dom.js'
import { FIELD_NAMES, wordsOf } from './fields.js'

/**
 * What somebody else has changed while a form was open, and a choice for each field that both have changed.
 * @param {object} conflict
 * @param {Banner} conflict.theirs the banner as it is now
 * @param {{ base: FieldTexts, mine: FieldTexts, theirs: FieldTexts }} conflict.texts
 * @param {readonly FieldName[]} conflict.taken fields that are in the form already
 * @param {readonly FieldName[]} conflict.disputed
 * @param {Clock} conflict.clock
 * @param {(field: FieldName, text: string) => void} conflict.onChosen
 */
export function conflictBox({ theirs, texts, taken, disputed, clock, onChosen }) {
  const list = make('ul', { class: 'taken' })
  for (const field of taken) {
    const [before, after] = [texts.base, texts.theirs].map(each => bdi(wordsOf(field, each[field], clock)))
    list.append(make('li', {}, `${FIELD_NAMES[field]}: `, make('del', {}, before ?? ''), ' → ', after ?? ''))
  }
  const choices = disputed.map(field => choice(field, texts, clock, text => onChosen(field, text)))
  const when = clock.minute(Date.parse(theirs.updatedAt ?? ''))
  const box = make(
    'section',
    { class: 'conflict', tabindex: '-1' },
    make(
      'p',
      {},
      make('b', {}, make('bdi', {}, theirs.updatedBy)),
      ` changed this banner meanwhile, on ${when}. Yours is not saved yet.`,
    ),
    ...(taken.length === 0 ? [] : [make('p', {}, 'Changed there, and taken over into the form:'), list]),
    ...(disputed.length === 0 ? [] : [make('p', {}, 'Changed by both of you. Choose:')]),
    ...choices.map(({ element }) => element),
    make('p', {}, 'Look at the form, then save again.'),
  )
  return {
    element: box,
    /** The first control of a choice that nobody has made; undefined: all are made. */
    get open() {
      return choices.map(({ open }) => open()).find(control => control !== undefined)
    },
  }
}

/**
 * @param {FieldName} field
 * @param {{ mine: FieldTexts, theirs: FieldTexts }} texts
 * @param {Clock} clock
 * @param {(text: string) => void} onChosen
 */
function choice(field, { mine, theirs }, clock, onChosen) {
  const option = (/** @type {string} */ whose, /** @type {FieldTexts} */ texts) => {
    const input = make('input', { type: 'radio', name: `choice-${field}` })
    input.addEventListener('change', () => onChosen(texts[field]))
    return { input, label: make('label', {}, input, ` ${whose}: `, bdi(wordsOf(field, texts[field], clock))) }
  }
  const [first, second] = [option('Theirs', theirs), option('Yours', mine)]
  const element = make('fieldset', {}, make('legend', {}, FIELD_NAMES[field]), first.label, second.label)
  return { element, open: () => (first.input.checked || second.input.checked ? undefined : first.input) }
}

/** @param {string} text */
function bdi(text) {
  return make('bdi', {}, text)
}
