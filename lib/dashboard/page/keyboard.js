import { KeyReader } from './keys.js'

const STORAGE_KEY = 'clickcounter.shortcuts'
/** Where a letter is typed, and where it chooses. */
const TYPED_INTO =
  'textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button])'

/** Shortcuts of single keys. Whoever speaks to the computer, or hits keys unwillingly, can switch them off. */
export class Keyboard {
  #commands
  #reader

  /** @param {Readonly<Record<string, () => void>>} commands by shortcut, such as `?` and `g o` */
  constructor(commands) {
    this.#commands = commands
    this.#reader = new KeyReader(Object.keys(commands))
    document.addEventListener('keydown', event => this.#read(event))
  }

  get isOn() {
    try {
      return localStorage.getItem(STORAGE_KEY) !== 'off'
    } catch {
      return true
    }
  }

  set isOn(isOn) {
    try {
      localStorage.setItem(STORAGE_KEY, isOn ? 'on' : 'off')
    } catch {
      // The browser forbids storage: they stay on.
    }
  }

  /** @param {KeyboardEvent} event */
  #read(event) {
    if (!isFree(event) || !this.isOn) return
    const shortcut = this.#reader.read(event.key, event.timeStamp)
    if (shortcut === null) return
    // Before the command: else the character is typed into the field that gets the focus.
    event.preventDefault()
    this.#commands[shortcut]?.()
  }
}

/** Whether nothing else has a use for the key. @param {KeyboardEvent} event */
function isFree({ key, target, altKey, ctrlKey, metaKey, isComposing, repeat, defaultPrevented }) {
  // Shift alone is no character, and may be held for the second key of two.
  if (key.length !== 1 || altKey || ctrlKey || metaKey || isComposing || repeat || defaultPrevented)
    return false
  const isTyped = target instanceof Element && target.closest(TYPED_INTO) !== null
  return !isTyped && document.querySelector('dialog[open]') === null
}
