import { timingSafeEqual } from 'node:crypto'
import { hashOfKey } from './key-text.ts'
import { SCOPES } from './scopes.ts'
import type { AccessSnapshot, HashedKey, Key } from './snapshot.ts'

interface KeyringOptions {
  /** The setting ADMIN_KEY. */
  readonly adminKey: string | null
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * The keys in force, as a request thread knows them. One answer is made from one snapshot: `replace` puts the
 * next one in its place between two requests.
 */
export class Keyring {
  readonly #admin: HashedKey | null
  readonly #now: () => number
  #snapshot: AccessSnapshot | null = null
  #byHash: ReadonlyMap<string, HashedKey> = new Map()
  #byId: ReadonlyMap<string, HashedKey> = new Map()
  #endedSessions: ReadonlySet<string> = new Set()

  constructor({ adminKey, now }: KeyringOptions) {
    this.#now = now
    this.#admin = adminKey === null ? null : adminKeyOf(adminKey)
    this.#index([])
  }

  /**
   * null: nothing was ever read from a database or a file. Then a key that `find` does not find may be in force
   * all the same.
   */
  get snapshot(): AccessSnapshot | null {
    return this.#snapshot
  }

  /**
   * Whether nobody needs a key to count and to read. An expired key still closes the service: time alone opens
   * nothing.
   */
  get isOpen(): boolean {
    return this.#admin === null && this.#snapshot !== null && this.#snapshot.keys.length === 0
  }

  /** Whether it is not known yet if there are keys. */
  get isUnknown(): boolean {
    return this.#admin === null && this.#snapshot === null
  }

  /** How many keys are in force now, with ADMIN_KEY. */
  get countInForce(): number {
    return Array.from(this.#byId.values()).filter(key => this.#inForce(key) !== null).length
  }

  replace(snapshot: AccessSnapshot): void {
    this.#snapshot = snapshot
    this.#endedSessions = new Set(snapshot.endedSessions.map(({ id }) => id))
    this.#index(snapshot.keys)
  }

  /** The key in force with this text. null: there is none, or it has expired. */
  find(text: string): Key | null {
    const key = this.#withText(text)
    return key === null ? null : this.#inForce(key)
  }

  /** When the key with this text expires or has expired, in milliseconds since the epoch. null: never, or no such key. */
  expiryOf(text: string): number | null {
    return this.#withText(text)?.expiresAtMs ?? null
  }

  /** The key in force with this id. */
  withId(id: string): Key | null {
    const key = this.#byId.get(id)
    return key === undefined ? null : this.#inForce(key)
  }

  /** Whether the session with this id was logged out. */
  hasEnded(sessionId: string): boolean {
    return this.#endedSessions.has(sessionId)
  }

  #withText(text: string): HashedKey | null {
    // How long the look-up takes depends on the hash alone, of which nobody can choose a beginning.
    const hash = hashOfKey(text)
    const key = this.#byHash.get(hash)
    return key !== undefined && timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash)) ? key : null
  }

  #inForce(key: HashedKey): Key | null {
    return key.expiresAtMs === null || this.#now() < key.expiresAtMs ? key : null
  }

  #index(keys: readonly HashedKey[]): void {
    const all = this.#admin === null ? keys : [...keys, this.#admin]
    this.#byHash = new Map(all.map(key => [key.hash, key]))
    this.#byId = new Map(all.map(key => [key.id, key]))
  }
}

/** The id follows from the text: with another text it is another key, and sessions of the first one are over. */
function adminKeyOf(text: string): HashedKey {
  const hash = hashOfKey(text)
  return { id: `admin-${hash.slice(0, 16)}`, name: 'ADMIN_KEY', scopes: SCOPES, expiresAtMs: null, hash }
}
