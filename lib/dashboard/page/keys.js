/** How long the first key of two waits for the second one. */
const PATIENCE_MS = 1500

/** Joins keys to shortcuts, such as `?`, or `g` and then `o`. */
export class KeyReader {
  #known
  #first = ''
  #untilMs = 0

  /** @param {readonly string[]} known such as `?` and `g o` */
  constructor(known) {
    this.#known = known
  }

  /**
   * @param {string} key
   * @param {number} nowMs
   * @returns {string | null} the shortcut that ends with this key
   */
  read(key, nowMs) {
    const isSecond = this.#first !== '' && nowMs < this.#untilMs
    const typed = isSecond ? `${this.#first} ${key}` : key
    this.#first = ''
    if (this.#known.includes(typed)) return typed
    if (!isSecond && this.#known.some(shortcut => shortcut.startsWith(`${key} `))) {
      this.#first = key
      this.#untilMs = nowMs + PATIENCE_MS
    }
    return null
  }
}
