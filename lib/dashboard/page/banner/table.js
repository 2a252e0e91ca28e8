/** @import { Entry, Shown } from './types.d.ts' */
import { make } from '../dom.js'
import { count } from '../format.js'
import { entryWords, hasChange, stepWords } from './step-words.js'
import { stepTitle } from './steps.js'

const MOST_ROWS = 1000

/** The steps as a table, newest first. */
export class StepTable {
  #caption = make('caption', { id: 'rows-title' })
  #head = make('tr')
  #body = make('tbody', { id: 'rows' })
  element = make(
    'section',
    // It scrolls, and the keyboard must reach it.
    { class: 'rows', 'aria-labelledby': 'rows-title', tabindex: '0' },
    make('table', {}, this.#caption, make('thead', {}, this.#head), this.#body),
  )

  /** @param {Shown} shown */
  show(shown) {
    const { step } = shown.answer
    const begun = shown.entries.filter(({ state }) => state !== 'ahead').reverse()
    const columns = columnsOf(shown)
    const names = [stepTitle(step), ...columns.map(({ name }) => name)]
    this.#head.replaceChildren(...names.map(name => make('th', { scope: 'col' }, name)))
    this.#caption.textContent =
      begun.length > MOST_ROWS
        ? `The newest ${count(MOST_ROWS)} of ${count(begun.length)} steps; the CSV has all of them.`
        : begun.length === 1
          ? '1 step.'
          : `${count(begun.length)} steps, the newest first.`
    const isChanged = hasChange(shown.entries)
    this.#body.replaceChildren(
      ...begun.slice(0, MOST_ROWS).map(entry => {
        const soFar = entry.state === 'running' ? [' ', make('small', {}, 'so far')] : []
        return make(
          'tr',
          {},
          make('th', { scope: 'row' }, entryWords(entry, step, isChanged), ...soFar),
          ...columns.map(({ cell }) => make('td', {}, ...cell(entry))),
        )
      }),
    )
  }
}

/**
 * Columns of what is filtered out stand there when there is any.
 * @param {Shown} shown
 * @returns {{ name: string, cell: (entry: Entry) => (Node | string)[] }[]}
 */
function columnsOf({ answer }) {
  const compared = (/** @type {Entry} */ { compared }) =>
    compared === null
      ? ['–']
      : [make('small', {}, stepWords(compared.wallMs, answer.step)), ' ', count(compared.clicks)]
  return [
    { name: 'Clicks', cell: ({ clicks }) => [count(clicks)] },
    ...(answer.bots === 0 ? [] : [{ name: 'Bots', cell: (/** @type {Entry} */ { bots }) => [count(bots)] }]),
    ...(answer.duplicates === 0
      ? []
      : [{ name: 'Duplicates', cell: (/** @type {Entry} */ { duplicates }) => [count(duplicates)] }]),
    ...(answer.compared === undefined ? [] : [{ name: 'Compared', cell: compared }]),
  ]
}
