/** @import { QuestionName, Span } from './types.d.ts' */

/** So long, what was refused is not asked for again in the same way. */
const KEPT_MS = 3_600_000

/**
 * What the service says is wrong with a question, without what to ask in its place: nobody types the questions of this
 * view.
 * @param {string} message
 */
export function reasonOf(message) {
  return message.replace(/: .*/s, '')
}

/** What the service has refused as too fine: without that, each round would put the same questions twice. */
export class Refusals {
  /** `words`: the reason. @type {Map<QuestionName, { words: string, isAnsweredByDays: boolean, atMs: number }>} */
  #found = new Map()

  /**
   * How to put a question: in the first of these ways, and if that is refused, in the next one.
   * @param {QuestionName} name
   * @param {number} nowMs
   * @param {{ hourly: Span, daily: Span }} spans
   * @returns {[Span, Span?]}
   */
  waysOf(name, nowMs, { hourly, daily }) {
    const found = this.#found.get(name)
    if (found !== undefined && nowMs < found.atMs + KEPT_MS) return [found.isAnsweredByDays ? daily : hourly]
    this.#found.delete(name)
    return [hourly, daily]
  }

  /** Both ways were tried. @param {QuestionName} name @param {{ words: string, isAnsweredByDays: boolean, atMs: number }} found */
  note(name, found) {
    this.#found.set(name, found)
  }

  /** In another zone, other times are asked for. */
  clear() {
    this.#found.clear()
  }

  /** Why there are answers of days of UTC; '': there is none. */
  get why() {
    return Array.from(this.#found.values()).find(({ isAnsweredByDays }) => isAnsweredByDays)?.words ?? ''
  }
}
