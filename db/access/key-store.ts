import type { EndedSession } from '../../lib/access/snapshot.ts'
import type { ConnectionPool } from '../connection/hosts-pool.ts'
import { withClient } from '../connection/with-client.ts'
import {
  createKey,
  type ListedKey,
  listKeys,
  type MadeKey,
  type NewKey,
  type Revocation,
  type RevokedKey,
  type Rotation,
  revokeKey,
  rotateKey,
} from './change-keys.ts'
import { endSession } from './end-session.ts'

/**
 * The keys in Postgres, and the sessions that were logged out, over connections of a pool. Each method rejects as the
 * function that it calls.
 */
export class KeyStore {
  readonly #pool: ConnectionPool

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  list(): Promise<ListedKey[]> {
    return withClient(this.#pool, listKeys)
  }

  create(key: NewKey): Promise<MadeKey> {
    return withClient(this.#pool, client => createKey(client, key))
  }

  revoke(id: string, revocation: Revocation): Promise<RevokedKey> {
    return withClient(this.#pool, client => revokeKey(client, id, revocation))
  }

  rotate(id: string, rotation: Rotation): Promise<MadeKey> {
    return withClient(this.#pool, client => rotateKey(client, id, rotation))
  }

  endSession(session: EndedSession): Promise<void> {
    return withClient(this.#pool, client => endSession(client, session))
  }
}
