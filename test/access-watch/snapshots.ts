import { randomUUID } from 'node:crypto'
import { hashOfKey, makeKeyText } from '../../lib/access/key-text.ts'
import type { AccessSnapshot, HashedKey } from '../../lib/access/snapshot.ts'

export interface TestKey {
  readonly text: string
  readonly key: HashedKey
}

export function newKey(expiresAtMs: number | null = null): TestKey {
  const text = makeKeyText()
  return {
    text,
    key: { id: randomUUID(), name: 'of a test', scopes: ['read'], expiresAtMs, hash: hashOfKey(text) },
  }
}

/** As after a change in a database: with a token of its own. */
export function snapshotOf(keys: readonly TestKey[], database = 'the database'): AccessSnapshot {
  return {
    database,
    token: randomUUID(),
    keys: keys.map(({ key }) => key),
    sessionSecret: 'c2VjcmV0IG9mIGEgdGVzdCwgMzIgYnl0ZXMgbG9uZyE',
    endedSessions: [],
  }
}
