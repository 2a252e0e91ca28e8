/** @import { ImportReport } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */

import { Refused } from '../ask.js'
import { make } from '../dom.js'
import { count } from '../format.js'
import { Modal } from '../modal.js'
import { importBanners } from './api.js'
import { banners, previewWords, typeOf } from './import-words.js'
import { sampleTable } from './sample.js'

const WORDS =
  'A file in CSV, NDJSON or JSON, as the export writes it. Its banners are added, or replace those with the same id. ' +
  'All others stay.'
const WRONG_NAME = 'The name of the file has to end in .csv, .ndjson, .jsonl or .json: that says what it is.'

/**
 * @typedef {object} ImportListeners
 * @property {(report: ImportReport) => void} onImported
 * @property {(message: string) => void} onFailed an import, after the reader has closed the dialog
 * @property {() => void} onRefused somebody has to log in first
 */

/** Imports a file: first it shows what would become of it. */
export class ImportDialog {
  #clock
  #listeners
  #modal
  #input = make('input', { type: 'file', id: 'import-file', accept: '.csv,.json,.ndjson,.jsonl' })
  #news = make('p', { role: 'status', class: 'line' })
  #problem = make('p', { role: 'alert', class: 'problem', hidden: true })
  #sums = make('div')
  #sample = make('div')
  #import = make('button', { type: 'button', hidden: true })
  /** @type {File | null} */
  #file = null
  /** Of the present preview. The next one ends it. */
  #question = new AbortController()

  /** @param {Clock} clock @param {ImportListeners} listeners */
  constructor(clock, listeners) {
    this.#clock = clock
    this.#listeners = listeners
    const field = make(
      'div',
      { class: 'field drop' },
      make('label', { for: 'import-file' }, 'File'),
      this.#input,
    )
    const result = make('div', { class: 'result' }, this.#sums, this.#import)
    this.#modal = new Modal({
      title: ['Import banners'],
      kind: 'sheet import',
      content: [make('p', { class: 'line' }, WORDS), field, this.#problem, this.#news, result, this.#sample],
      onClosed: () => this.#question.abort(),
    })
    this.#input.addEventListener('change', () => void this.#look(this.#input.files?.[0] ?? null))
    this.#import.addEventListener('click', () => void this.#store())
  }

  open() {
    this.#modal.open()
  }

  /** Asks what would become of the file. @param {File | null} file */
  async #look(file) {
    this.#question.abort()
    const { signal } = (this.#question = new AbortController())
    this.#file = file
    this.#show('', null)
    if (file === null) return
    const type = typeOf(file.name)
    if (type === null) return this.#complain(WRONG_NAME)
    this.#show(`Checking ${file.name} …`, null)
    try {
      const report = await importBanners(file, type, { isPreview: true, signal })
      this.#show(previewWords(report), report)
    } catch (error) {
      if (!signal.aborted) this.#meet(error)
    }
  }

  async #store() {
    const file = this.#file
    const type = file === null ? null : typeOf(file.name)
    if (file === null || type === null || this.#import.ariaBusy === 'true') return
    this.#beBusy(true)
    this.#news.textContent = `Importing ${file.name} … It goes on when this is closed.`
    try {
      const report = await importBanners(file, type, { isPreview: false })
      this.#modal.close()
      this.#listeners.onImported(report)
    } catch (error) {
      // In this order: the field cannot have the focus before.
      this.#beBusy(false)
      this.#meet(error)
    }
  }

  /** @param {boolean} isBusy */
  #beBusy(isBusy) {
    this.#import.ariaBusy = String(isBusy)
    this.#input.disabled = isBusy
  }

  /** @param {string} news @param {ImportReport | null} report null: nothing is known of the file yet */
  #show(news, report) {
    this.#problem.hidden = true
    this.#news.textContent = news
    const changes = report === null ? 0 : report.created + report.changed
    this.#import.hidden = changes === 0
    this.#import.textContent = `Import ${banners(changes)}`
    this.#sums.replaceChildren(...(report === null ? [] : [sums(report)]))
    this.#sample.replaceChildren(...(report === null ? [] : [sampleTable(report, this.#clock)]))
  }

  /** @param {unknown} error */
  #meet(error) {
    if (!(error instanceof Refused)) throw error
    const isClosed = this.#question.signal.aborted
    if (error.status !== 401)
      return isClosed ? this.#listeners.onFailed(error.message) : this.#complain(error.message)
    this.#modal.close()
    this.#listeners.onRefused()
  }

  /** @param {string} message */
  #complain(message) {
    this.#show('', null)
    this.#problem.hidden = false
    this.#problem.textContent = message
    // The same file may be chosen again, once it is mended: only then the browser says that it has changed.
    this.#input.value = ''
    this.#input.focus()
  }
}

/** @param {ImportReport} report */
function sums({ created, changed, unchanged }) {
  const sum = (/** @type {string} */ name, /** @type {number} */ value) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, count(value)))
  return make(
    'dl',
    { class: 'sums' },
    sum('New', created),
    sum('Changed', changed),
    sum('Unchanged', unchanged),
  )
}
