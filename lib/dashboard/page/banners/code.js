/** @import { Banner } from './types.d.ts' */
import { make } from '../dom.js'
import { snippets } from './snippets.js'

/** Code for pages, to be copied. */
export class BannerCode {
  element
  #news = make('p', { class: 'unseen', role: 'status' })

  /** @param {Banner} banner */
  constructor(banner) {
    const parts = snippets(banner, new URL('.', location.href).href).map(({ title, words, code }) =>
      make(
        'section',
        {},
        make('h3', {}, title),
        make('p', { class: 'hint' }, words),
        this.#code(title, code),
      ),
    )
    const target =
      banner.target === null
        ? ['This banner has no target: its link leads to the fallback, or nowhere. ']
        : []
    const note = make(
      'p',
      { class: 'line' },
      ...target,
      'The address is that of this page. Visitors may need another one.',
    )
    this.element = make('div', { class: 'code' }, note, ...parts, this.#news)
  }

  /** @param {string} title @param {string} text */
  #code(title, text) {
    const code = make('code', {}, text)
    const word = make('span', {}, 'Copy')
    const button = make(
      'button',
      { type: 'button', class: 'plain' },
      word,
      make('span', { class: 'unseen' }, ` ${title}`),
    )
    button.addEventListener('click', async () => {
      const isCopied = await copy(text)
      // Where the browser does not let pages copy, the reader does it with his keyboard.
      if (!isCopied) getSelection()?.selectAllChildren(code)
      word.textContent = isCopied ? 'Copied' : 'Selected'
      this.#news.textContent = isCopied
        ? `${title}: copied.`
        : `${title}: selected. Copy it with your keyboard.`
    })
    // It scrolls, and the keyboard must reach it.
    return make(
      'div',
      { class: 'snippet' },
      make('pre', { tabindex: '0', 'aria-label': title, role: 'group' }, code),
      button,
    )
  }
}

/** Browsers give pages the clipboard only where they came by https or from the same machine. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
