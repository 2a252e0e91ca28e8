/** Twice as many take 0.6 MiB a thread, if they are as long as browsers'; of the longest that are kept, 4 MiB. */
const MOST_YOUNG = 2048

/**
 * The User-Agents that came last, and which of them are bots': behind a proxy, each request of a connection may have
 * another one, and looking at one costs thirty times what finding it here does.
 *
 * There are two tables, so that nothing has to be ordered: when the young one is full, it becomes the old one, and what
 * is found in the old one moves. Clients choose the texts: a table never has more than `MOST_YOUNG`, so texts that all
 * fall on one place make a look-up some microseconds long, and no longer.
 */
export class KnownAgents {
  #young = new Map<string, boolean>()
  #old = new Map<string, boolean>()

  /** undefined: not known any more. */
  get(userAgent: string): boolean | undefined {
    const isBot = this.#young.get(userAgent)
    if (isBot !== undefined) return isBot
    const wasBot = this.#old.get(userAgent)
    if (wasBot !== undefined) this.set(userAgent, wasBot)
    return wasBot
  }

  set(userAgent: string, isBot: boolean): void {
    if (this.#young.size >= MOST_YOUNG) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(userAgent, isBot)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
