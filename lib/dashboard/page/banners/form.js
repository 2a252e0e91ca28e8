/** @import { FieldName, FieldTexts } from './types.d.ts' */
import { make } from '../dom.js'
import { Field } from './field.js'
import { FIELD_NAMES, FIELDS, fieldOf } from './fields.js'

const HALF_A_TIME = 'Write the whole date and time, or leave it empty.'
const TIME = { type: 'datetime-local', max: '9999-12-31T23:59' }
const ONE_WORD = { autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' }

/** @type {Readonly<Record<FieldName | 'id', { hint: string, attributes: Readonly<Record<string, string>> }>>} */
const CONTROLS = {
  id: {
    hint: 'The number that it is counted by, from 1 to 2147483647.',
    attributes: { ...ONE_WORD, inputmode: 'numeric' },
  },
  name: { hint: '', attributes: { autocomplete: 'off' } },
  target: {
    hint: 'Where its link leads. {banner_id}, {click_id} and {ts} are filled in. Empty: to the fallback.',
    attributes: { ...ONE_WORD, inputmode: 'url', placeholder: 'https://' },
  },
  campaign: { hint: '', attributes: { autocomplete: 'off', list: 'campaigns' } },
  labels: { hint: 'One a line.', attributes: { rows: '3' } },
  passQuery: {
    hint: 'They go along to the target. Blanks between them.',
    attributes: ONE_WORD,
  },
  isActive: { hint: '', attributes: { type: 'checkbox' } },
  activeFrom: { hint: 'Empty: since ever.', attributes: TIME },
  activeUntil: { hint: 'Not included. Empty: for ever.', attributes: TIME },
}

/** The form of one banner. */
export class BannerForm {
  element = make('form', { class: 'banner-form', novalidate: true })
  #problem = make('p', { class: 'problem', role: 'alert', hidden: true })
  /** @type {Readonly<Record<FieldName | 'id', Field>>} */
  #fields

  /** @param {string} zoneName in which times are read and written, such as (local) or (UTC) */
  constructor(zoneName) {
    const field = (/** @type {FieldName | 'id'} */ id, /** @type {string} */ name) => {
      const { hint, attributes } = CONTROLS[id]
      return new Field({
        id: `banner-${id}`,
        name,
        hint,
        control: make(id === 'labels' ? 'textarea' : 'input', attributes),
      })
    }
    const { activeFrom, activeUntil, ...names } = FIELD_NAMES
    const times = { activeFrom: `${activeFrom} ${zoneName}`, activeUntil: `${activeUntil} ${zoneName}` }
    const all = Object.entries({ id: 'Id', ...names, ...times })
    this.#fields = /** @type {Record<FieldName | 'id', Field>} */ (
      Object.fromEntries(all.map(([id, name]) => [id, field(/** @type {FieldName} */ (id), name)]))
    )
    this.element.append(this.#problem, ...Object.values(this.#fields).map(({ element }) => element))
  }

  /** @returns {FieldTexts} */
  get texts() {
    return /** @type {FieldTexts} */ (
      Object.fromEntries(FIELDS.map(field => [field, this.#fields[field].text]))
    )
  }

  set texts(texts) {
    for (const field of FIELDS) this.#fields[field].text = texts[field]
  }

  get id() {
    return this.#fields.id.text.trim()
  }

  /** @param {boolean} hasId whether it asks for an id */
  set hasId(hasId) {
    this.#fields.id.element.hidden = !hasId
  }

  /** @param {boolean} isReadOnly */
  set isReadOnly(isReadOnly) {
    for (const field of Object.values(this.#fields)) field.isReadOnly = isReadOnly
  }

  /** Whether the browser can read all fields. Complains of the first one that it cannot. */
  get isReadable() {
    const wrong = Object.values(this.#fields).find(({ control }) => control.validity.badInput)
    if (wrong === undefined) return true
    wrong.complain(HALF_A_TIME)
    wrong.control.focus()
    return false
  }

  /**
   * Says what is wrong beside the field that it is about, and leads there.
   * @param {string} message
   * @param {FieldName | 'id' | null} [field] null: it is about no field
   */
  complain(message, field = fieldOf(message)) {
    this.calm()
    // Behind this, the service tells programs what they should have sent.
    const [words = ''] = message.split(': the body is of the form')
    const wrong = field === null ? null : this.#fields[field]
    if (wrong !== null && !wrong.element.hidden) {
      wrong.complain(words)
      wrong.control.focus()
      return
    }
    this.#problem.hidden = false
    this.#problem.textContent = words
  }

  /** Nothing is known to be wrong any more. */
  calm() {
    this.#problem.hidden = true
    for (const field of Object.values(this.#fields)) field.complain('')
  }

  /** @param {FieldName} field @param {string} text */
  write(field, text) {
    this.#fields[field].text = text
  }
}
