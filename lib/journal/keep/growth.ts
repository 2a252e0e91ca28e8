/** Growth is told over this time. */
const WINDOW_MS = 30_000

/**
 * How fast the journal grows when clicks wait. Between two flushes it grows as well, and means nothing by it: so
 * there is no growth to tell as long as the oldest click is younger than the window.
 */
export class JournalGrowth {
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = []

  /** Bytes a second over the last half minute, 0 when it does not grow. To be called every second or so. */
  measure(atMs: number, bytes: number, oldestMs: number): number {
    // With a clock that was put back nothing in between is known.
    if (atMs < (this.#samples.at(-1)?.atMs ?? 0)) this.#samples.length = 0
    this.#samples.push({ atMs, bytes })
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= atMs - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]!
    if (oldestMs < WINDOW_MS || atMs - first.atMs < WINDOW_MS) return 0
    return Math.max(0, ((bytes - first.bytes) * 1000) / (atMs - first.atMs))
  }
}
