import { hashOfKey, makeKeyText } from '../../lib/access/key-text.ts'
import { Keyring } from '../../lib/access/keyring.ts'
import type { Scope } from '../../lib/access/scopes.ts'
import type { AccessSnapshot, HashedKey } from '../../lib/access/snapshot.ts'
import type { ThreadAccess } from '../../lib/access/thread-access.ts'

/** A key with its text, as its maker has it. */
export interface TestKey extends HashedKey {
  readonly text: string
}

/** `expiresAtMs`: milliseconds since the epoch; null: never. */
export function newKey(scopes: readonly Scope[], expiresAtMs: number | null = null): TestKey {
  const text = makeKeyText()
  return { id: crypto.randomUUID(), name: scopes.join(), scopes, expiresAtMs, hash: hashOfKey(text), text }
}

/** As of a database in which nobody has made a key. */
export const NO_KEYS: AccessSnapshot = {
  database: '6a6fdc0c-4a5f-4ea5-9a04-1d1f1b0f0b0a',
  token: '0f0c1d5e-92b5-4c8e-8a0b-0c2ad3a1b0d4',
  keys: [],
  sessionSecret: 'c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXMgbG9uZyE',
  endedSessions: [],
}

export function snapshotOf(keys: readonly HashedKey[]): AccessSnapshot {
  return { ...NO_KEYS, token: crypto.randomUUID(), keys }
}

/** A keyring that lets everybody count and read. */
export function openKeyring(now: () => number): Keyring {
  const keyring = new Keyring({ adminKey: null, now })
  keyring.replace(NO_KEYS)
  return keyring
}

interface TestAccess extends ThreadAccess {
  /** The ids of the keys that have let somebody in. */
  readonly used: string[]
}

/** The access of a thread that no main is behind. It knows nothing, until the test says what there is. */
export function accessOf(adminKey: string | null = null): TestAccess {
  const used: string[] = []
  return {
    keyring: new Keyring({ adminKey, now: Date.now }),
    refresh: () => Promise.resolve(),
    noteUse: keyId => used.push(keyId),
    used,
  }
}

/** The same, where everybody may count and read. */
export function openAccess(): ThreadAccess {
  const access = accessOf()
  access.keyring.replace(NO_KEYS)
  return access
}
