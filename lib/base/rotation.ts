/** What waits, by client. The clients come one after the other, whatever each of them has, and each with its oldest. */
export class Rotation<Item> {
  readonly #waiting = new Map<string, Item[]>()

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  add(client: string, item: Item): void {
    const items = this.#waiting.get(client)
    if (items === undefined) this.#waiting.set(client, [item])
    else items.push(item)
  }

  /** Takes what is next, of a client for which `mayHave` is true. null: nothing is. */
  next(mayHave: (client: string) => boolean = () => true): Item | null {
    for (const [client, items] of this.#waiting) {
      if (!mayHave(client)) continue
      const item = items.shift()!
      // Behind all others, with what it has left.
      this.#waiting.delete(client)
      if (items.length > 0) this.#waiting.set(client, items)
      return item
    }
    return null
  }

  /** Returns whether it was waiting. */
  delete(client: string, item: Item): boolean {
    const items = this.#waiting.get(client) ?? []
    const place = items.indexOf(item)
    if (place < 0) return false
    items.splice(place, 1)
    if (items.length === 0) this.#waiting.delete(client)
    return true
  }
}
