import type { Keyring } from './keyring.ts'

/** What a request thread needs to let somebody in. */
export interface ThreadAccess {
  readonly keyring: Keyring
  /**
   * Resolves when what Postgres holds now is in force in all threads of this instance; at once when Postgres does
   * not answer. To be called after a change, and when nothing is known yet.
   */
  refresh(): Promise<void>
  /** To be called with the id of each key that has let somebody in. */
  noteUse(keyId: string): void
}
