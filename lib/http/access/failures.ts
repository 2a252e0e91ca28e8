/** Failures of one client in one window that are answered with what was wrong. */
const MAX_FAILURES = 10
const WINDOW_MS = 60_000
/** Clients that are remembered at least, when more come; at most twice as many, some 100 bytes each. */
const MIN_CLIENTS = 5000

interface Window {
  failures: number
  readonly endsAtMs: number
}

/**
 * Wrong keys and log-ins of this thread, by client. When there is no room, the half of the clients is forgotten that
 * began to fail first. So whoever wants to be forgotten needs failures from thousands of other networks, and each of
 * those may fail as often as he.
 */
export class Failures {
  /** Two maps: to delete the first of one map, again and again, costs more than a key's hash. */
  #newer = new Map<string, Window>()
  #older: ReadonlyMap<string, Window> = new Map()
  readonly #now: () => number

  /** `now`: milliseconds by a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Notes a failure. Returns after how many milliseconds the client may fail again; 0: it is not one too many. */
  add(client: string): number {
    const nowMs = this.#now()
    const window = this.#openWindow(client, nowMs)
    window.failures++
    return window.failures > MAX_FAILURES ? window.endsAtMs - nowMs : 0
  }

  #openWindow(client: string, nowMs: number): Window {
    const known = this.#newer.get(client) ?? this.#older.get(client)
    if (known !== undefined && nowMs < known.endsAtMs) return known
    if (this.#newer.size >= MIN_CLIENTS) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    const window = { failures: 0, endsAtMs: nowMs + WINDOW_MS }
    this.#newer.set(client, window)
    return window
  }
}
