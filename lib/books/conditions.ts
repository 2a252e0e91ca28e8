import type { Logger } from 'pino'
import { CONDITIONS, type Condition } from '../memory/conditions.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { readText, writeText } from '../memory/shared-text.ts'

/**
 * What is wrong although clicks are accepted, and stays wrong until somebody mends it. Main alone raises and
 * clears; any thread reads. Each condition makes the status degraded and is a reason on /health, a line on
 * the page and a series of /metrics.
 */
export class Conditions {
  readonly #memory: SharedMemory
  readonly #log: Logger
  /** The texts as they were raised. Shared memory holds only the beginning of a long one. */
  readonly #texts = new Map<Condition, string>()

  constructor(memory: SharedMemory, log: Logger) {
    this.#memory = memory
    this.#log = log
  }

  /** Raises a condition. `text` says what is wrong, and what mends it. It is logged when it changes. */
  raise(name: Condition, text: string): void {
    if (this.#texts.get(name) === text) return
    // The time before the text. Otherwise a reader could see the text with the time of an earlier condition.
    if (!this.#texts.has(name)) this.#memory.f64[this.#memory.conditionSinceIndex(name)] = Date.now()
    this.#texts.set(name, text)
    writeText(this.#memory, name, text)
    this.#log.error({ condition: name }, text)
  }

  /** Ends a condition. Does nothing when it was not raised. */
  clear(name: Condition): void {
    const text = this.#texts.get(name)
    if (text === undefined) return
    this.#texts.delete(name)
    writeText(this.#memory, name, '')
    this.#log.info({ condition: name }, `over: ${text}`)
  }
}

interface RaisedCondition {
  readonly name: Condition
  /** Milliseconds since the epoch. */
  readonly sinceMs: number
  readonly text: string
}

/** The conditions that are raised, in the order of CONDITIONS. */
export function raisedConditions(memory: SharedMemory): RaisedCondition[] {
  return CONDITIONS.flatMap(name => {
    const text = readText(memory, name)
    return text === null ? [] : [{ name, sinceMs: memory.f64[memory.conditionSinceIndex(name)]!, text }]
  })
}
