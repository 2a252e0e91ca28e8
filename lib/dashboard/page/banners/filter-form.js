/** @import { Banner, Filters } from './types.d.ts' */
import { byId, make } from '../dom.js'
import { isFiltered, noFilters } from './filters.js'

const TYPING_MS = 250
/** Suggestions of a field. */
const MOST_WORDS = 200

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id))

/** The form above the list. A search is asked for while somebody types, the rest when it is chosen. */
export class FilterForm {
  #form = /** @type {HTMLFormElement} */ (byId('filters'))
  #onChanged
  /** Whether a search has been asked for since the field got the focus: the next letter is no step to go back to. */
  #isTyping = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** Campaigns and labels that were listed, to be suggested. */
  #seen = {
    campaigns: /** @type {Set<string>} */ (new Set()),
    labels: /** @type {Set<string>} */ (new Set()),
  }

  /** @param {(step: { isStep: boolean }) => void} onChanged `isStep`: whether Back leads to what was asked before */
  constructor(onChanged) {
    this.#onChanged = onChanged
    this.#form.addEventListener('input', ({ target }) => {
      clearTimeout(this.#timer)
      if (target === input('search')) this.#timer = setTimeout(() => this.#search(), TYPING_MS)
    })
    this.#form.addEventListener('change', () => this.#ask())
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      this.#ask()
    })
    for (const id of ['clear', 'nothing-clear']) byId(id).addEventListener('click', () => this.#clear())
  }

  /** @returns {Filters} */
  get filters() {
    return {
      q: input('search').value.trim(),
      campaign: input('campaign').value.trim(),
      label: input('label').value.trim(),
      state: this.#form.state.value,
    }
  }

  set filters(filters) {
    clearTimeout(this.#timer)
    const { q, campaign, label, state } = filters
    // Not while somebody types: the blank that he has just typed would go.
    if (this.filters.q !== q) input('search').value = q
    input('campaign').value = campaign
    input('label').value = label
    this.#form.state.value = state
    byId('clear').hidden = !isFiltered(filters)
  }

  /** Suggests what these banners have. @param {readonly Banner[]} banners */
  suggest(banners) {
    const { campaigns, labels } = this.#seen
    for (const banner of banners) {
      if (banner.campaign !== null && campaigns.size < MOST_WORDS) campaigns.add(banner.campaign)
      for (const label of banner.labels) if (labels.size < MOST_WORDS) labels.add(label)
    }
    for (const [id, words] of Object.entries(this.#seen))
      byId(id).replaceChildren(...[...words].sort().map(value => make('option', { value })))
  }

  #clear() {
    this.filters = noFilters
    this.#onChanged({ isStep: true })
    // The button that was pressed is hidden now.
    input('search').focus()
  }

  #search() {
    this.#onChanged({ isStep: !this.#isTyping })
    this.#isTyping = true
  }

  #ask() {
    clearTimeout(this.#timer)
    this.#onChanged({ isStep: !this.#isTyping })
    this.#isTyping = false
  }
}
