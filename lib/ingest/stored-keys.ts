/** A bulk waits for Postgres for so long at most. */
const MAX_WAIT_MS = 100
/** Between two questions: so many times as long as the last one took, but no longer than half of what a bulk waits. */
const REST_FACTOR = 4
const MAX_REST_MS = MAX_WAIT_MS / 2
/** So many keys are asked for at once. */
const MAX_KEYS = 256

interface StoredKeysOptions {
  /** Fingerprints by key, of those keys that Postgres knows. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>
  readonly isDatabaseDown: () => boolean
  /** Milliseconds on a clock that nobody puts back. */
  readonly monotonicMs: () => number
}

/**
 * Asks Postgres for keys of bulks: one question at a time, for all keys that have come meanwhile, and with a rest between
 * them. A question costs a thread as much as a bulk, and on a thread that is busy it takes long: then there are few of them,
 * each for many keys. While an answer is late, nobody waits for one: a Postgres that hangs costs the bulks of one question
 * MAX_WAIT_MS, and one connection.
 */
export class StoredKeys {
  readonly #options: StoredKeysOptions
  /** Who waits for the next question, by key. */
  #next = new Map<string, PromiseWithResolvers<string | null>>()
  /** A question is under way, or the rest behind it. */
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
    const { read, monotonicMs } = this.#options
    const asked = this.#next
    this.#next = new Map()
    this.#isAsking = true
    const startedAtMs = monotonicMs()
    const timer = setTimeout(() => this.#giveUp(asked), MAX_WAIT_MS)
    const fingerprints = await read([...asked.keys()]).catch(() => null)
    clearTimeout(timer)
    for (const [key, { resolve }] of asked) resolve(fingerprints?.get(key) ?? null)
    this.#isLate = false
    const restMs = Math.min(MAX_REST_MS, REST_FACTOR * (monotonicMs() - startedAtMs))
    setTimeout(() => this.#goOn(), restMs)
  }

  #goOn(): void {
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
