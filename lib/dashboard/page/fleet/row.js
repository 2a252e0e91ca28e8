/** @import { Clock } from '../clock.js' */
/** @import { Fleet, Instance } from './types.d.ts' */
import { codeWords, make, writeText } from '../dom.js'
import { ago, pendingWords, stateWords } from './words.js'

const DAY_MS = 86_400_000

/** One instance. Its texts are written in place: whoever reads or selects them keeps his place. */
export class InstanceRow {
  #clock
  #name = make('span', { class: 'name' })
  #version = make('small')
  #state = make('td', { class: 'state' })
  #pending = new Pair()
  #final = new Pair()
  #seen = new Pair()
  #advice = make('td', { class: 'advice' })
  #advised = ''
  element = make(
    'tr',
    {},
    make('th', { scope: 'row' }, this.#name, ' ', this.#version),
    this.#state,
    make('td', { class: 'pending' }, ...this.#pending.parts),
    make('td', { class: 'final' }, ...this.#final.parts),
    make('td', { class: 'seen' }, ...this.#seen.parts),
    this.#advice,
  )

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
  }

  /** @param {Instance} instance @param {Fleet} fleet @param {number} nowMs */
  show(instance, fleet, nowMs) {
    const { tone, word } = stateWords(instance, fleet)
    const [pending = '', pendingFor = ''] = pendingWords(instance)
    writeText(this.#name, instance.name)
    writeText(this.#version, instance.version)
    writeText(this.#state, word)
    this.#state.dataset.tone = tone
    this.#pending.show(pending, pendingFor)
    this.#final.show(...this.#moment(instance.finalThrough, nowMs))
    this.#seen.show(...this.#moment(instance.seenAt, nowMs))
    const advice = instance.advice ?? ''
    if (advice !== this.#advised) this.#advice.replaceChildren(...codeWords(advice))
    this.#advised = advice
  }

  /** @param {string} time @param {number} nowMs @returns {[string, string]} */
  #moment(time, nowMs) {
    const atMs = Date.parse(time)
    const isOld = nowMs - atMs > DAY_MS
    return [isOld ? this.#clock.minute(atMs) : this.#clock.timeOfDay(atMs), ago(atMs, nowMs)]
  }
}

/** A figure, and what is said of it. */
class Pair {
  #figure = make('span')
  #note = make('small')
  parts = /** @type {const} */ ([this.#figure, ' ', this.#note])

  /** @param {string} figure @param {string} note */
  show(figure, note) {
    writeText(this.#figure, figure)
    writeText(this.#note, note)
  }
}
