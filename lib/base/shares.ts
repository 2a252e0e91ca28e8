/**
 * So many places, of which one client may hold no more than it leaves free. So one alone gets half of them, two get a third
 * each, and there is always a place for somebody who holds none, until there are as many clients as places. Nobody has to
 * choose a number for a client: A. K. Choudhury and E. L. Hahne, “Dynamic Queue Length Thresholds for Shared-Memory Packet
 * Switches”, 1998.
 */
export class Shares {
  #free: number
  /** By client. Texts, because V8 hashes these with a seed. */
  readonly #held = new Map<string, number>()

  constructor(places: number) {
    this.#free = places
  }

  /** Takes a place. false: the client holds its share. null: somebody who speaks for many, and has no share. */
  take(client: string | null): boolean {
    if (!this.mayTake(client)) return false
    this.#free--
    if (client !== null) this.#held.set(client, (this.#held.get(client) ?? 0) + 1)
    return true
  }

  mayTake(client: string | null): boolean {
    return (client === null ? 0 : (this.#held.get(client) ?? 0)) < this.#free
  }

  /** To be called once for each place that was taken. */
  giveBack(client: string | null): void {
    this.#free++
    if (client === null) return
    const held = this.#held.get(client)! - 1
    if (held > 0) this.#held.set(client, held)
    // Otherwise every client that ever came would stay in memory.
    else this.#held.delete(client)
  }
}
