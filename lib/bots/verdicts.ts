/** Of the longest texts, twice as many take 2 MiB a thread. */
const MOST_YOUNG = 1024

/**
 * The verdicts on the User-Agents that came last: behind a proxy, each request of a connection may have another one,
 * and looking at one costs fifteen times what finding it here does.
 *
 * There are two tables, so that nothing has to be ordered: when the young one is full, it becomes the old one, and what
 * is found in the old one moves. Clients choose the texts: a table never has more than `MOST_YOUNG`, so texts that all
 * fall on one place make a look-up some microseconds long, and no longer.
 */
export class Verdicts {
  #young = new Map<string, boolean>()
  #old = new Map<string, boolean>()

  /** undefined: not known any more. */
  get(userAgent: string): boolean | undefined {
    const verdict = this.#young.get(userAgent)
    if (verdict !== undefined) return verdict
    const older = this.#old.get(userAgent)
    if (older !== undefined) this.set(userAgent, older)
    return older
  }

  set(userAgent: string, verdict: boolean): void {
    if (this.#young.size >= MOST_YOUNG) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(userAgent, verdict)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
