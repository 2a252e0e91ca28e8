import type { Keyring } from './keyring.ts'
import type { Scope } from './scopes.ts'
import type { Session } from './sessions.ts'

/** What a page learns of itself. */
export interface SessionReport {
  /** false: it is not known yet if there are keys. */
  readonly known: boolean
  /** Whether nobody needs a key to count and to read. */
  readonly open: boolean
  /** The name of the key that the session stands for; null: there is no session. */
  readonly name: string | null
  /** What the page may do now. */
  readonly scopes: readonly Scope[]
  /** When the session will be over, in RFC 3339; null: there is none. */
  readonly until: string | null
}

/** `session`: null when the request belongs to none. */
export function sessionReport(keyring: Keyring, session: Session | null): SessionReport {
  const { isOpen, isUnknown } = keyring
  return {
    known: !isUnknown,
    open: isOpen,
    name: session?.key.name ?? null,
    scopes: session?.key.scopes ?? scopesOfStrangers(keyring),
    until: session === null ? null : new Date(session.endsAtMs).toISOString(),
  }
}

function scopesOfStrangers({ isOpen, isUnknown }: Keyring): readonly Scope[] {
  if (isOpen) return ['count', 'read']
  return isUnknown ? ['count'] : []
}
