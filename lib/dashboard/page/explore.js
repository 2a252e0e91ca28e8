/** @import { Query, Stats } from './types.d.ts' */
/** @import { Clock } from './clock.js' */
import { createChart } from './charts.js'
import { download } from './download.js'
import { columnsOf, isoMinute, namedRange } from './explore-query.js'
import { count } from './format.js'

const MOST_ROWS = 1000

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id))
const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))

/** A banner's clicks per minute: the form, and the answer as a chart, a table and a file. */
export class ExploreView {
  #clock
  #form = /** @type {HTMLFormElement} */ (document.getElementById('query'))
  /** @type {ReturnType<typeof createChart> | null} */
  #chart = null
  /** @type {Stats | null} */
  #stats = null
  #questions = 0
  #isRefused = false
  /** Whether the answer to what was refused would have got the focus. */
  #wasFocused = false
  #onRefused

  /**
   * @param {Clock} clock
   * @param {object} listeners
   * @param {() => void} listeners.onAsked called when the form is sent, before the answer
   * @param {() => void} listeners.onRefused called when somebody has to log in before there is an answer
   */
  constructor(clock, { onAsked, onRefused }) {
    this.#clock = clock
    this.#onRefused = onRefused
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      onAsked()
      void this.ask({ isFocused: true })
    })
    this.#form.addEventListener('change', ({ target }) => {
      if (target === input('from') || target === input('to')) this.#form.range.value = 'own'
      else this.writeTimes()
    })
    element('csv').addEventListener('click', () => void this.#download())
    this.writeTimes()
  }

  /** @returns {Query} what the form says */
  get query() {
    return {
      banner: input('explored').value.trim(),
      range: this.#form.range.value,
      from: isoMinute(this.#clock.fromInput(input('from').value)),
      to: isoMinute(this.#clock.fromInput(input('to').value)),
    }
  }

  /** @param {Query} query */
  set query({ banner, range, from, to }) {
    input('explored').value = banner
    this.#form.range.value = range
    this.#writeTime('from', Date.parse(from))
    this.#writeTime('to', Date.parse(to))
    this.writeTimes()
  }

  /** Writes the times of the chosen range into the form, unless it is `own`. */
  writeTimes() {
    const { range } = this.query
    if (range === 'own') return
    const { fromMs, toMs } = namedRange(range, Date.now(), this.#clock)
    this.#writeTime('from', fromMs)
    this.#writeTime('to', toMs)
  }

  /** Shows the same answer again, after the zone has changed. */
  redraw() {
    if (this.#stats !== null) this.#show(this.#stats)
  }

  /**
   * Asks for what the form says.
   * @param {{ isFocused: boolean }} options whether the answer gets the focus
   */
  async ask({ isFocused }) {
    const question = ++this.#questions
    this.writeTimes()
    const stats = await this.#post('application/json', readStats)
    // A later question has been asked meanwhile: its answer is shown instead.
    if (question !== this.#questions) return
    if (typeof stats === 'string') this.#complain(stats)
    else this.#show(stats)
    this.#wasFocused = isFocused
    if (this.#isRefused) this.#onRefused()
    else if (isFocused) element(typeof stats === 'string' ? 'problem' : 'answer-title').focus()
  }

  /** Asks again what was refused until somebody logged in. */
  askAgain() {
    if (this.#isRefused) void this.ask({ isFocused: this.#wasFocused })
  }

  /**
   * @template {object} T
   * @param {string} type
   * @param {(response: Response) => Promise<T>} read rejects when the answer breaks off
   * @returns {Promise<T | string>} the answer, or what is wrong
   */
  async #post(type, read) {
    const { banner, from, to } = this.query
    this.#isRefused = false
    try {
      const response = await fetch(`stats/${encodeURIComponent(banner || ' ')}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: type },
        body: JSON.stringify({ from, to }),
      })
      this.#isRefused = response.status === 401
      if (this.#isRefused) return 'Log in with a key to see clicks. The question is asked again then.'
      return response.ok ? await read(response) : (await response.json()).message
    } catch {
      return 'The service did not answer, or its answer broke off. Ask again later.'
    }
  }

  /** @param {string} message */
  #complain(message) {
    element('invitation').hidden = true
    // When a session has ended, the answer to an earlier question stays.
    if (!this.#isRefused) {
      this.#stats = null
      element('answer').hidden = true
    }
    element('problem').hidden = false
    element('problem').textContent = message
  }

  /** @param {Stats} stats */
  #show(stats) {
    this.#stats = stats
    element('invitation').hidden = true
    element('problem').hidden = true
    element('answer').hidden = false
    // Without clicks, the words above say more than an empty chart and an empty table.
    element('result').hidden = stats.total === 0
    const [fromMs, toMs] = [Date.parse(stats.from), Date.parse(stats.to)]
    const zone = this.#clock.zone === 'utc' ? 'UTC' : 'local time'
    element('total').textContent =
      stats.total === 0 ? 'No click' : `${count(stats.total)} ${stats.total === 1 ? 'click' : 'clicks'}`
    element('span').textContent =
      `of banner ${stats.bannerId}, from ${this.#clock.minute(fromMs)} to ${this.#clock.minute(toMs)}, ${zone}`
    this.#draw(stats, fromMs, toMs)
    this.#tabulate(stats)
  }

  /** @param {Stats} stats @param {number} fromMs @param {number} toMs */
  #draw({ stats }, fromMs, toMs) {
    const box = element('minutes-chart')
    this.#chart?.destroy()
    this.#chart = createChart(box, this.#clock, {
      series: [{ colour: 'one', isFilled: true, isStepped: true }],
      xRange: () => [fromMs / 1000, toMs / 1000],
      hasTimes: true,
    })
    this.#chart.setData(columnsOf(stats, fromMs, toMs))
    const highest = stats.reduce((most, { v }) => Math.max(most, v), 0)
    box.setAttribute('role', 'img')
    box.setAttribute('aria-label', `Clicks per minute, at most ${count(highest)}; the table has the figures.`)
  }

  /** @param {Stats} stats */
  #tabulate({ stats }) {
    const rows = stats.slice(0, MOST_ROWS).map(({ ts, v }) => {
      const row = document.createElement('tr')
      const minute = document.createElement('th')
      minute.scope = 'row'
      minute.textContent = this.#clock.minute(Date.parse(ts))
      const clicks = document.createElement('td')
      clicks.textContent = count(v)
      row.append(minute, clicks)
      return row
    })
    element('rows').replaceChildren(...rows)
    element('rows-title').textContent =
      stats.length > MOST_ROWS
        ? `The first ${count(MOST_ROWS)} of ${count(stats.length)} minutes that have clicks; the CSV has all of them.`
        : `${count(stats.length)} ${stats.length === 1 ? 'minute has' : 'minutes have'} clicks.`
  }

  async #download() {
    const { banner, from, to } = this.query
    const button = element('csv')
    button.ariaBusy = 'true'
    const file = await this.#post('text/csv', response => response.blob())
    button.ariaBusy = 'false'
    if (typeof file === 'string') {
      this.#complain(file)
      if (this.#isRefused) this.#onRefused()
      else element('problem').focus()
      return
    }
    download(file, `clicks-${banner}-${basic(from)}-${basic(to)}.csv`)
  }

  /** @param {'from' | 'to'} id @param {number} atMs */
  #writeTime(id, atMs) {
    input(id).value = Number.isNaN(atMs) ? '' : this.#clock.toInput(atMs)
  }
}

/** The basic format of ISO 8601, which any file system takes as a name. @param {string} time */
function basic(time) {
  return time.replaceAll(/[-:]/g, '')
}

/** @param {Response} response @returns {Promise<Stats>} */
function readStats(response) {
  return response.json()
}
