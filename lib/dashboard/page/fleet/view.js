/** @import { Clock } from '../clock.js' */
/** @import { Fleet } from './types.d.ts' */
import { ask, Refused, withTimeout } from '../ask.js'
import { keepRoles, make, writeText } from '../dom.js'
import { InstanceRow } from './row.js'
import { finalWords, inOrder, summary } from './words.js'

const REFRESH_MS = 2000
const RETRY_MS = 5000
const LOG_IN = 'Log in with a key that has the scope operate to see the fleet. It is shown then.'
const COLUMNS = ['Instance', 'State', 'Clicks pending', 'Final through', 'Last heard', 'What to do']

/** All instances that count into this database: who serves, who lags, and who is gone with how many clicks. */
export class FleetView {
  #clock
  #onRefused
  #summary = make('p', { class: 'summary', role: 'status' })
  #final = make('p', { class: 'line' })
  #problem = make('p', { class: 'problem', role: 'alert', hidden: true })
  #body = make('tbody')
  #table = make(
    'div',
    // It scrolls where names are long, and the keyboard must reach it.
    { class: 'instances', tabindex: '0', role: 'group', 'aria-labelledby': 'fleet-title', hidden: true },
    make(
      'table',
      { 'aria-labelledby': 'fleet-title' },
      make('thead', {}, make('tr', {}, ...COLUMNS.map(name => make('th', { scope: 'col' }, name)))),
      this.#body,
    ),
  )
  /** @type {Map<string, InstanceRow>} by the instance's id */
  #rows = new Map()
  /** @type {Fleet | null} */
  #fleet = null
  #isShown = false
  /** The present question. The next one ends it. */
  #asking = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * @param {Clock} clock
   * @param {HTMLElement} section
   * @param {() => void} onRefused called when somebody waits for an answer and has to log in first
   */
  constructor(clock, section, onRefused) {
    this.#clock = clock
    this.#onRefused = onRefused
    const title = make('h2', { id: 'fleet-title', tabindex: '-1' }, 'Fleet')
    section.replaceChildren(title, this.#summary, this.#final, this.#problem, this.#table)
    keepRoles(this.#table)
    document.addEventListener('visibilitychange', () => this.#wake())
  }

  /** Nothing of it is in the address. */
  get values() {
    return new URLSearchParams()
  }

  show() {
    this.#isShown = true
    void this.#ask({ isWanted: true })
  }

  hide() {
    this.#isShown = false
    clearTimeout(this.#timer)
    this.#asking.abort()
  }

  /** The zone has changed. */
  redraw() {
    this.#draw()
  }

  /** Somebody has logged in. */
  askAgain() {
    if (this.#isShown) void this.#ask()
  }

  /** Nobody asks while the page is hidden. */
  #wake() {
    clearTimeout(this.#timer)
    if (this.#isShown && !document.hidden) void this.#ask()
  }

  /** @param {{ isWanted?: boolean }} [options] whether somebody waits for it, and nothing else is done meanwhile */
  async #ask({ isWanted = false } = {}) {
    clearTimeout(this.#timer)
    this.#asking.abort()
    const { signal } = (this.#asking = new AbortController())
    let waitMs = REFRESH_MS
    try {
      this.#fleet = await ask('fleet', { signal: withTimeout(signal) })
      this.#complain('')
      this.#draw()
    } catch (error) {
      // A later question has taken its place, or another view has.
      if (signal.aborted) return
      if (!(error instanceof Refused)) throw error
      this.#complain(error.status === 401 ? LOG_IN : error.message)
      if (error.status === 401 && isWanted) this.#onRefused()
      waitMs = RETRY_MS
    }
    if (!document.hidden) this.#timer = setTimeout(() => void this.#ask(), waitMs)
  }

  /** What was shown before stays: its times say how old it is. @param {string} words '' for none */
  #complain(words) {
    this.#problem.hidden = words === ''
    writeText(this.#problem, words)
  }

  #draw() {
    if (this.#fleet === null) return
    const fleet = this.#fleet
    const nowMs = Date.now()
    writeText(this.#summary, summary(fleet))
    writeText(
      this.#final,
      finalWords(fleet, nowMs, atMs => this.#clock.timeOfDay(atMs)),
    )
    const rows = new Map(
      inOrder(fleet).map(instance => {
        const row = this.#rows.get(instance.id) ?? new InstanceRow(this.#clock)
        row.show(instance, fleet, nowMs)
        return [instance.id, row]
      }),
    )
    const elements = Array.from(rows.values(), ({ element }) => element)
    // Only where the order has changed: rows that are put in anew lose what is selected in them.
    if (
      elements.some((element, nth) => this.#body.children[nth] !== element) ||
      rows.size !== this.#rows.size
    )
      this.#body.replaceChildren(...elements)
    this.#rows = rows
    keepRoles(this.#body)
    this.#table.hidden = rows.size === 0
  }
}
