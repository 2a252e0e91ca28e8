import type { Keyring } from './keyring.ts'

/** What a request thread needs to let somebody in. */
export interface ThreadAccess {
  readonly keyring: Keyring
  /**
   * Resolves when what Postgres holds now is in force in all threads of this instance. While Postgres does not
   * answer, it resolves at once; as long as nothing is known, with the next try. To be called after a change, and
   * when nothing is known yet.
   */
  refresh(): Promise<void>
  /** To be called with the id of each key that has let somebody in. */
  noteUse(keyId: string): void
}
