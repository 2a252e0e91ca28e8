import type { RefreshCause } from '../base/refresh-cause.ts'
import type { Keyring } from './keyring.ts'

/** What a request thread needs to let somebody in. */
export interface ThreadAccess {
  readonly keyring: Keyring
  /**
   * After a change: resolves when what Postgres holds now is in force in all threads of this instance, or when
   * Postgres does not answer any more. When nothing is known: resolves with the next try.
   */
  refresh(cause: RefreshCause): Promise<void>
  /** To be called with the id of each key that has let somebody in. */
  noteUse(keyId: string): void
}
