import { Keyring } from '../../lib/access/keyring.ts'
import type { AccessSnapshot } from '../../lib/access/snapshot.ts'
import type { ThreadAccess } from '../../lib/access/thread-access.ts'

/** As of a database in which nobody has made a key. */
export const NO_KEYS: AccessSnapshot = {
  database: '6a6fdc0c-4a5f-4ea5-9a04-1d1f1b0f0b0a',
  token: '0f0c1d5e-92b5-4c8e-8a0b-0c2ad3a1b0d4',
  keys: [],
  sessionSecret: 'c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXMgbG9uZyE',
  endedSessions: [],
}

/** A keyring that lets everybody count and read. */
export function openKeyring(now: () => number): Keyring {
  const keyring = new Keyring({ adminKey: null, now })
  keyring.replace(NO_KEYS)
  return keyring
}

/** What lets everybody count and read, of a thread that no main is behind. */
export function openAccess(): ThreadAccess {
  return { keyring: openKeyring(Date.now), refresh: () => Promise.resolve(), noteUse() {} }
}
