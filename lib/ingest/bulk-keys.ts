import type { BulkIdentity } from '../rows/keyed-bulk.ts'
import type { KnownKeys } from './known-keys.ts'
import type { StoredKeys } from './stored-keys.ts'

/** Says of keys of bulks whether they are known with other content: by this instance, or by Postgres. */
export class BulkKeys {
  readonly #known: KnownKeys
  readonly #stored: StoredKeys

  constructor(known: KnownKeys, stored: StoredKeys) {
    this.#known = known
    this.#stored = stored
  }

  /**
   * Whether a bulk with other content has this key. false: no, or nobody can say in time. Then the flush finds out, which
   * alone decides what counts.
   */
  async isOfOther({ key, fingerprint }: BulkIdentity): Promise<boolean> {
    const known = this.#known.find(key)
    if (known !== null) return !fingerprint.startsWith(known)
    const stored = await this.#stored.find(key)
    return stored !== null && stored !== fingerprint
  }

  /** To be called when the bulk is acknowledged: before, it may still be refused, and come again with other content. */
  note(identity: BulkIdentity): void {
    this.#known.note(identity)
  }
}
