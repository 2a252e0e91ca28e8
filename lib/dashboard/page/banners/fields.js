/** @import { Banner, FieldTexts, FieldName } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */

/**
 * The fields of a banner, in the order of the form, and what people call them.
 * @type {Readonly<Record<FieldName, string>>}
 */
export const FIELD_NAMES = {
  name: 'Name',
  target: 'Target',
  campaign: 'Campaign',
  labels: 'Labels',
  passQuery: 'Passed parameters',
  isActive: 'Active',
  activeFrom: 'Active from',
  activeUntil: 'Active until',
}

export const FIELDS = /** @type {readonly FieldName[]} */ (Object.keys(FIELD_NAMES))

/** @type {FieldTexts} */
export const emptyTexts = {
  name: '',
  target: '',
  campaign: '',
  labels: '',
  passQuery: '',
  isActive: 'true',
  activeFrom: '',
  activeUntil: '',
}

/** A banner as the form has it. @param {Banner} banner @param {Clock} clock @returns {FieldTexts} */
export function textsOf(banner, clock) {
  return /** @type {FieldTexts} */ (
    Object.fromEntries(FIELDS.map(field => [field, textOf(field, banner[field], clock)]))
  )
}

/**
 * A field of a banner as the form has it.
 * @param {FieldName} field
 * @param {Banner[FieldName]} value
 * @param {Clock} clock
 */
export function textOf(field, value, clock) {
  if (value === null) return ''
  if (field === 'activeFrom' || field === 'activeUntil') return clock.toInput(Date.parse(String(value)))
  return Array.isArray(value) ? value.join(field === 'labels' ? '\n' : ' ') : String(value)
}

/** The same for people. @param {FieldName} field @param {string} text @param {Clock} clock */
export function wordsOf(field, text, clock) {
  if (field === 'isActive') return text === 'true' ? 'yes' : 'no'
  if (text === '') return 'nothing'
  if (field === 'activeFrom' || field === 'activeUntil') return clock.minute(clock.fromInput(text))
  return text.replaceAll('\n', ', ')
}

/**
 * What a form says, for the service: only the fields that differ from `before`. So a time of which the form shows whole
 * minutes keeps its seconds, unless somebody writes another one.
 * @param {FieldTexts} texts
 * @param {FieldTexts} before
 * @param {Clock} clock
 */
export function changeOf(texts, before, clock) {
  const changed = FIELDS.filter(field => texts[field] !== before[field])
  return Object.fromEntries(changed.map(field => [field, bodyValue(field, texts[field], clock)]))
}

/** @param {FieldName} field @param {string} text @param {Clock} clock */
function bodyValue(field, text, clock) {
  switch (field) {
    case 'name':
      return text.trim()
    case 'target':
    case 'campaign':
      return text.trim() === '' ? null : text.trim()
    case 'labels':
      return splitAt(text, /\n/)
    case 'passQuery':
      return splitAt(text, /\s/)
    case 'isActive':
      return text === 'true'
    case 'activeFrom':
    case 'activeUntil':
      return text === '' ? null : new Date(clock.fromInput(text)).toISOString()
  }
}

/** @param {string} text @param {RegExp} separator */
function splitAt(text, separator) {
  return text
    .split(separator)
    .map(word => word.trim())
    .filter(word => word !== '')
}

/**
 * What a form becomes when somebody else was faster: his changes come in, and mine stay. `disputed`: the fields that
 * both have changed, each to something else; they are mine until somebody chooses.
 * @param {{ base: FieldTexts, mine: FieldTexts, theirs: FieldTexts }} texts `base`: what both began with
 */
export function mergeTexts({ base, mine, theirs }) {
  const isTheirs = (/** @type {FieldName} */ field) =>
    theirs[field] !== base[field] && theirs[field] !== mine[field]
  const isMine = (/** @type {FieldName} */ field) => mine[field] !== base[field]
  return {
    texts: /** @type {FieldTexts} */ (
      Object.fromEntries(FIELDS.map(field => [field, isMine(field) ? mine[field] : theirs[field]]))
    ),
    taken: FIELDS.filter(field => isTheirs(field) && !isMine(field)),
    disputed: FIELDS.filter(field => isTheirs(field) && isMine(field)),
  }
}

/**
 * The field that a message of the service is about, such as `"labels[0]" has 1 to 50 characters` or `the target has a
 * blank`. null: it is about none.
 * @param {string} message
 * @returns {FieldName | 'id' | null}
 */
export function fieldOf(message) {
  const [, quoted, named = quoted ?? ''] = /"(\w+)(?:\[\d+\])?"|\bthe (target)\b/.exec(message) ?? []
  if (named in FIELD_NAMES) return /** @type {FieldName} */ (named)
  return /\ba banner id\b/.test(message) ? 'id' : null
}
