import { hashOfKey, makeKeyText } from '../../../lib/access/key-text.ts'
import { Keyring } from '../../../lib/access/keyring.ts'
import type { Scope } from '../../../lib/access/scopes.ts'
import type { AccessSnapshot, HashedKey } from '../../../lib/access/snapshot.ts'
import type { ThreadAccess } from '../../../lib/access/thread-access.ts'
import { NO_KEYS } from '../../support/keyring.ts'

/** A key with its text, as its maker has it. */
export interface TestKey extends HashedKey {
  readonly text: string
}

/** `expiresAtMs`: milliseconds since the epoch; null: never. */
export function newKey(scopes: readonly Scope[], expiresAtMs: number | null = null): TestKey {
  const text = makeKeyText()
  return { id: crypto.randomUUID(), name: scopes.join(), scopes, expiresAtMs, hash: hashOfKey(text), text }
}

export function snapshotOf(keys: readonly HashedKey[]): AccessSnapshot {
  return { ...NO_KEYS, token: crypto.randomUUID(), keys }
}

/** The access of a thread that no main is behind. It knows nothing, until the test says what there is. */
export function accessOf(adminKey: string | null = null): ThreadAccess & { readonly used: string[] } {
  const used: string[] = []
  return {
    keyring: new Keyring({ adminKey, now: Date.now }),
    refresh: () => Promise.resolve(),
    noteUse: keyId => used.push(keyId),
    used,
  }
}
