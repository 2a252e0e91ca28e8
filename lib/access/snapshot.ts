import type { Scope } from './scopes.ts'

/** A key without its text. */
export interface Key {
  /** A UUID. */
  readonly id: string
  /** What its maker calls it. */
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Milliseconds since the epoch; null: never. */
  readonly expiresAtMs: number | null
}

export interface HashedKey extends Key {
  /** See hashOfKey. */
  readonly hash: string
}

/**
 * All that is needed to let somebody in, as it was in Postgres at one moment. It is a whole, and never changed:
 * a request sees either all of a change or nothing.
 */
export interface AccessSnapshot {
  /** The id of the database that it was read from. */
  readonly database: string
  /** Random, and another one after each change. Not a number: a failover may turn numbers back. */
  readonly token: string
  /** All keys that are not revoked, also the expired ones. */
  readonly keys: readonly HashedKey[]
  /** What sessions are signed with, by all instances; 32 bytes in base64url. */
  readonly sessionSecret: string
  /** Sessions that were logged out and would not be over yet. */
  readonly endedSessions: readonly EndedSession[]
}

export interface EndedSession {
  readonly id: string
  /** When it would have been over; milliseconds since the epoch. */
  readonly endsAtMs: number
}
