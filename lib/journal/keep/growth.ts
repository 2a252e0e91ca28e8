/** The time that growth is measured over. */
const WINDOW_MS = 30_000

/**
 * How fast the journal grows while clicks wait. It grows between two flushes as well, which means nothing. So
 * the growth is 0 while the oldest click is younger than the window.
 */
export class JournalGrowth {
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = []

  /** Bytes a second over the last half minute, 0 when it does not grow. Call it about once a second. */
  measure(atMs: number, bytes: number, oldestMs: number): number {
    // The clock was put back: older samples mean nothing.
    if (atMs < (this.#samples.at(-1)?.atMs ?? 0)) this.#samples.length = 0
    this.#samples.push({ atMs, bytes })
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= atMs - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]!
    if (oldestMs < WINDOW_MS || atMs - first.atMs < WINDOW_MS) return 0
    return Math.max(0, ((bytes - first.bytes) * 1000) / (atMs - first.atMs))
  }
}
