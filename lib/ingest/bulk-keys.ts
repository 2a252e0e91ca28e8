import type { BulkIdentity } from '../rows/keyed-bulk.ts'
import type { KnownKeys } from './known-keys.ts'
import type { StoredKeys } from './stored-keys.ts'

/** Says of keys of bulks whether they are known with other content: by this instance, or by Postgres. */
export class BulkKeys {
  readonly #known: Pick<KnownKeys, 'find' | 'note'>
  readonly #stored: Pick<StoredKeys, 'find'>

  constructor(known: Pick<KnownKeys, 'find' | 'note'>, stored: Pick<StoredKeys, 'find'>) {
    this.#known = known
    this.#stored = stored
  }

  /**
   * Whether a bulk with other content has this key. false: no, or nobody can say in time. Then the flush finds out, which
   * alone decides what counts.
   */
  async isOfOther({ key, fingerprint }: BulkIdentity): Promise<boolean> {
    // Postgres first: it alone says which bulk counted. This instance may have acknowledged another one, before the flush
    // found out, and whoever sends the one that counted again would be told that it is the wrong one.
    const stored = await this.#stored.find(key)
    if (stored !== null) return stored !== fingerprint
    const known = this.#known.find(key)
    return known !== null && !fingerprint.startsWith(known)
  }

  /** To be called when the bulk is acknowledged: before, it may still be refused, and come again with other content. */
  note(identity: BulkIdentity): void {
    this.#known.note(identity)
  }
}
