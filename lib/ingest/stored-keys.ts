/** A bulk waits for Postgres for so long at most. */
const MAX_WAIT_MS = 100
/** From one question to the next. A question costs a thread as much as a bulk. */
const MIN_GAP_MS = 5
/** So many keys are asked for at once. */
const MAX_KEYS = 256

interface StoredKeysOptions {
  /** Fingerprints by key, of those keys that Postgres knows. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>
  readonly isDatabaseDown: () => boolean
}

/**
 * Asks Postgres for keys of bulks: one question at a time, for all keys that have come meanwhile, and none within MIN_GAP_MS
 * after the last one. While an answer is late, nobody waits for one: a Postgres that hangs costs the bulks of one turn MAX_WAIT_MS, and one connection.
 */
export class StoredKeys {
  readonly #options: StoredKeysOptions
  /** Who waits for the next question, by key. */
  #next = new Map<string, PromiseWithResolvers<string | null>>()
  #isAsking = false
  #isLate = false

  constructor(options: StoredKeysOptions) {
    this.#options = options
  }

  /** The fingerprint that Postgres has with the key. null: it has none, or cannot say so in time. */
  find(key: string): Promise<string | null> {
    if (this.#isLate || this.#options.isDatabaseDown()) return Promise.resolve(null)
    const known = this.#next.get(key)
    if (known !== undefined) return known.promise
    if (this.#next.size >= MAX_KEYS) return Promise.resolve(null)
    const waiting = Promise.withResolvers<string | null>()
    this.#next.set(key, waiting)
    // At the end of the turn: all of its keys are asked for at once.
    if (!this.#isAsking && this.#next.size === 1) setImmediate(() => this.#ask())
    return waiting.promise
  }

  async #ask(): Promise<void> {
    const asked = this.#next
    this.#next = new Map()
    this.#isAsking = true
    const rest = new Promise(resolve => setTimeout(resolve, MIN_GAP_MS))
    const timer = setTimeout(() => this.#giveUp(asked), MAX_WAIT_MS)
    const fingerprints = await this.#options.read([...asked.keys()]).catch(() => null)
    clearTimeout(timer)
    for (const [key, { resolve }] of asked) resolve(fingerprints?.get(key) ?? null)
    this.#isLate = false
    await rest
    this.#isAsking = false
    if (this.#next.size > 0) void this.#ask()
  }

  /** Nobody waits for this answer any more, nor for the next one. */
  #giveUp(asked: ReadonlyMap<string, PromiseWithResolvers<string | null>>): void {
    this.#isLate = true
    for (const { resolve } of [...asked.values(), ...this.#next.values()]) resolve(null)
    this.#next.clear()
  }
}
