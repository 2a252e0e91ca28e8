/** @import { Clock } from '../clock.js' */
/** @import { Comparison, Question, Range, Step } from './types.d.ts' */
import { make } from '../dom.js'
import { comparisonNames, rangeNames } from './question.js'
import { isoMinute } from './ranges.js'
import { steps, stepTitle } from './steps.js'

/**
 * @typedef {object} FormListeners
 * @property {(question: Question, isSent: boolean) => void} onAsked `isSent`: with its button
 * @property {(zone: string) => void} onZone
 */

/** What the view can be asked for. All but the id and times of one's own is asked for as soon as it is chosen. */
export class QuestionForm {
  element = make('form', { id: 'question', novalidate: true })
  /** Stands beside the name of the banner. */
  idField = make('div', { class: 'id-field' })
  #clock
  #listeners
  #id = make('input', {
    form: 'question',
    inputmode: 'numeric',
    autocomplete: 'off',
    placeholder: '1',
    size: '10',
  })
  #ranges = new Map(
    Array.from(rangeNames.keys(), value => [value, make('input', { type: 'radio', name: 'range', value })]),
  )
  #times = make('div', { class: 'times' })
  #from = timeInput()
  #to = timeInput()
  #automatic = make('option', { value: '' })
  #step = make('select', {}, this.#automatic)
  #compare = make(
    'select',
    {},
    ...Array.from(comparisonNames, ([value, words]) => make('option', { value }, words)),
  )
  #zone = zoneSelect()
  /** What stands in the two fields for times, whatever zone they are written in. In milliseconds since the epoch. */
  #own = { fromMs: Number.NaN, toMs: Number.NaN }

  /** @param {Clock} clock @param {FormListeners} listeners */
  constructor(clock, listeners) {
    this.#clock = clock
    this.#listeners = listeners
    this.#step.append(...steps.map(({ step }) => make('option', { value: step }, stepTitle(step))))
    const send = () => make('button', { type: 'submit', form: 'question' }, 'Show')
    this.#times.append(field('From', this.#from), field('To, not included', this.#to), send())
    this.idField.append(field('Banner id', this.#id), send())
    this.element.append(
      make(
        'fieldset',
        { class: 'ranges' },
        make('legend', {}, 'Range'),
        ...Array.from(this.#ranges, ([value, input]) =>
          make('label', {}, input, ' ', make('span', {}, rangeNames.get(value) ?? '')),
        ),
      ),
      choice('Step', 'step', this.#step),
      choice('Compared with', 'compare', this.#compare),
      choice('Zone', 'zone', this.#zone),
      this.#times,
    )
    this.element.addEventListener('submit', event => {
      event.preventDefault()
      listeners.onAsked(this.question, true)
    })
    this.element.addEventListener('change', ({ target }) => this.#changed(target))
  }

  /** @returns {Question} */
  get question() {
    const range = [...this.#ranges].find(([, input]) => input.checked)?.[0] ?? 'own'
    const isOwn = range === 'own'
    return {
      ...{ id: this.#id.value.trim(), range },
      from: isOwn ? isoMinute(this.#own.fromMs) : '',
      to: isOwn ? isoMinute(this.#own.toMs) : '',
      step: /** @type {Step | ''} */ (this.#step.value),
      compare: /** @type {Comparison} */ (this.#compare.value),
    }
  }

  /**
   * @param {Question} question
   * @param {Range} range its moments
   */
  show({ id, range, step, compare }, { fromMs, toMs }) {
    this.#id.value = id
    for (const [name, input] of this.#ranges) input.checked = name === range
    this.#times.hidden = range !== 'own'
    this.#step.value = step
    this.#compare.value = compare
    this.#own = { fromMs, toMs }
    this.redraw()
  }

  /** The zone may have changed: the fields for times keep their moments. */
  redraw() {
    const { fromMs, toMs } = this.#own
    this.#from.value = Number.isNaN(fromMs) ? '' : this.#clock.toInput(fromMs)
    this.#to.value = Number.isNaN(toMs) ? '' : this.#clock.toInput(toMs)
    const { zone } = this.#clock
    if (![...this.#zone.options].some(({ value }) => value === zone))
      this.#zone.append(make('option', { value: zone }, zone))
    this.#zone.value = zone
  }

  /** Which step fits. @param {Step} step */
  set automaticStep(step) {
    this.#automatic.textContent = `Automatic: ${step}`
  }

  /** @param {EventTarget | null} target */
  #changed(target) {
    if (target === this.#from) this.#own.fromMs = this.#clock.fromInput(this.#from.value)
    else if (target === this.#to) this.#own.toMs = this.#clock.fromInput(this.#to.value)
    else if (target === this.#zone) this.#listeners.onZone(this.#zone.value)
    else if (target === this.#ranges.get('own')) this.#times.hidden = false
    else this.#listeners.onAsked(this.question, false)
  }
}

/** @param {string} words @param {HTMLElement} control */
function field(words, control) {
  return make('label', { class: 'field' }, words, control)
}

/** Its label is beside it: around it, the options would be in the name of the field. @param {string} words @param {string} id @param {HTMLElement} select */
function choice(words, id, select) {
  select.id = id
  return make('div', { class: 'field' }, make('label', { for: id }, words), select)
}

function timeInput() {
  return make('input', { type: 'datetime-local', max: '9999-12-31T23:59' })
}

function zoneSelect() {
  const all = Intl.supportedValuesOf('timeZone').filter(zone => zone !== 'UTC')
  return make(
    'select',
    {},
    make('option', { value: 'local' }, 'Local time'),
    make('option', { value: 'utc' }, 'UTC'),
    make('optgroup', { label: 'Others' }, ...all.map(value => make('option', { value }, value))),
  )
}
