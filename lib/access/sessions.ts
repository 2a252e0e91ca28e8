import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Keyring } from './keyring.ts'
import type { Key } from './snapshot.ts'

const LIFE_MS = 12 * 3_600_000
const ID_BYTES = 16
/** The kind is s for a secure session, else p. No part has a dot in it. */
const FORM =
  /^(?<claims>(?<id>[\w-]{22})\.(?<keyId>[\w-]{1,64})\.(?<endsAtMs>\d{1,15})\.(?<kind>[sp]))\.(?<signature>[\w-]{43})$/

/** What a browser has in place of a key that it has shown once. */
export interface Session {
  /** 128 random bits in base64url. */
  readonly id: string
  /** The key that it stands for. */
  readonly key: Key
  /** Milliseconds since the epoch. */
  readonly endsAtMs: number
  /** Made over https: browsers send its cookie over https alone. */
  readonly isSecure: boolean
}

/**
 * Sessions are signed, not stored. What is stored is the secret that all instances share, and the sessions that were
 * logged out. So each instance checks a session from memory, whichever instance began it.
 */
export class Sessions {
  readonly #keyring: Keyring
  readonly #now: () => number

  /** `now`: milliseconds since the epoch. */
  constructor(keyring: Keyring, now: () => number) {
    this.#keyring = keyring
    this.#now = now
  }

  /**
   * A session of 12 hours, or until the key expires. `text` is for its browser alone: who has it, has the session.
   * null: the secret is not known yet.
   */
  begin(key: Key, isSecure: boolean): { readonly session: Session; readonly text: string } | null {
    const { snapshot } = this.#keyring
    if (snapshot === null) return null
    const id = randomBytes(ID_BYTES).toString('base64url')
    const endsAtMs = Math.min(this.#now() + LIFE_MS, key.expiresAtMs ?? Number.POSITIVE_INFINITY)
    const claims = [id, key.id, endsAtMs, isSecure ? 's' : 'p'].join('.')
    const text = `${claims}.${signatureOf(claims, snapshot.sessionSecret)}`
    return { session: { id, key, endsAtMs, isSecure }, text }
  }

  /** The session with this text. null: its signature is wrong, it is over, or its key is not in force. */
  find(text: string): Session | null {
    const { snapshot } = this.#keyring
    const parts = FORM.exec(text)?.groups
    if (snapshot === null || parts === undefined) return null
    const { claims, id, keyId, kind, signature } = parts as Record<string, string>
    const expected = signatureOf(claims!, snapshot.sessionSecret)
    if (!timingSafeEqual(Buffer.from(signature!), Buffer.from(expected))) return null
    const endsAtMs = Number(parts.endsAtMs)
    const key = this.#keyring.withId(keyId!)
    if (key === null || endsAtMs <= this.#now() || this.#keyring.hasEnded(id!)) return null
    return { id: id!, key, endsAtMs, isSecure: kind === 's' }
  }
}

function signatureOf(claims: string, secret: string): string {
  return createHmac('sha256', secret).update(claims).digest('base64url')
}
