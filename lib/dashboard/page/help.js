/** @import { Keyboard } from './keyboard.js' */
import { make } from './dom.js'
import { loadStyle } from './late-view.js'
import { Modal } from './modal.js'
import { shortcuts } from './shortcuts.js'

/**
 * Shows all shortcuts, and the way to switch them off.
 * @param {Keyboard} keyboard
 */
export async function showHelp(keyboard) {
  await Promise.all(['banners/dialogs', 'help'].map(name => loadStyle(`dashboard/${name}.css`)))
  const input = make('input', { type: 'checkbox' })
  input.checked = keyboard.isOn
  input.addEventListener('change', () => {
    keyboard.isOn = input.checked
  })
  const choice = make('label', { class: 'choice' }, input, ' Shortcuts of letters and signs are on')
  const hint = 'Switch them off if you speak to your computer, or if keys are pressed by accident.'
  const modal = new Modal({
    title: ['Keyboard shortcuts'],
    kind: 'help',
    content: [
      make('div', { class: 'shortcuts' }, ...shortcuts.map(table)),
      choice,
      make('p', { class: 'line' }, hint),
    ],
  })
  modal.open()
}

/** @param {typeof shortcuts[number]} group */
function table({ title, entries }) {
  const rows = entries.map(({ keys, words }) =>
    make('tr', {}, make('th', { scope: 'row' }, ...keycaps(keys)), make('td', {}, words)),
  )
  return make('table', {}, make('caption', {}, title), make('tbody', {}, ...rows))
}

/** @param {string} keys such as `g then o` */
function keycaps(keys) {
  // The words between the keys are at odd places.
  return keys.split(/( then | or )/).map((part, index) => (index % 2 === 1 ? part : make('kbd', {}, part)))
}
