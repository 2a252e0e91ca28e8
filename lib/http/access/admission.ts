import type { Request } from '@hapi/hapi'
import { isKeyText, KEY_FORM } from '../../access/key-text.ts'
import type { Scope } from '../../access/scopes.ts'
import type { Key } from '../../access/snapshot.ts'
import type { ThreadAccess } from '../../access/thread-access.ts'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { bearerText } from './authorization.ts'
import { Failures } from './failures.ts'
import { missingKey, missingScope, noKeyYet, tooManyFailures, unknownKeys, wrongKey } from './refusals.ts'

/** While nothing is known, a request waits at most this long. An embedded Postgres may recover for minutes. */
const MAX_WAIT_MS = 5000
/** Longer texts are no keys. They are not hashed: that would cost as much as they are long. */
export const MAX_KEY_LENGTH = 1024

/**
 * The key of the session that the request is part of. null: it is part of none in force. Throws an answer when the
 * request must not be let in by its session.
 */
export type SessionReader = (request: Request) => Key | null

export interface AdmissionOptions {
  readonly access: ThreadAccess
  readonly readSession: SessionReader
  readonly books: Pick<ThreadBooks, 'failKey' | 'limitKey'>
  /** What clients are told apart by. */
  readonly clientOf: (request: Request) => string
}

/** Decides who is let in. It reads memory alone, whatever comes in a request. */
export class Admission {
  readonly #access: ThreadAccess
  readonly #readSession: SessionReader
  readonly #books: AdmissionOptions['books']
  readonly #clientOf: AdmissionOptions['clientOf']
  readonly #failures = new Failures(() => performance.now())
  /** null: main is not reading the keys for this class. */
  #refreshing: Promise<void> | null = null

  constructor({ access, readSession, books, clientOf }: AdmissionOptions) {
    this.#access = access
    this.#readSession = readSession
    this.#books = books
    this.#clientOf = clientOf
  }

  /**
   * The key that lets the request in; null: it needs none. Rejects with the answer to a request that is not let in.
   */
  async admit(request: Request, scope: Scope): Promise<Key | null> {
    // Browsers send it without a key, and it is told nothing.
    if (isPreflight(request)) return null
    const { keyring } = this.#access
    const isOpenable = scope === 'count' || scope === 'read'
    if (keyring.isUnknown) {
      // Clicks are counted while Postgres is away.
      if (scope === 'count') return null
      await this.#refresh()
    }
    // Before the header is read: in front of an open service, a proxy may have keys of its own.
    if (keyring.isOpen && isOpenable) return null
    if (keyring.isUnknown) throw unknownKeys()
    if (keyring.isOpen) throw noKeyYet(scope)
    const key = this.#keyOf(request)
    if (!key.scopes.includes(scope)) throw missingScope(scope)
    this.#access.noteUse(key.id)
    return key
  }

  /**
   * The key in force with this text, which came with the request. Throws
   * - 401, which says what is wrong as far as strangers may know it;
   * - 429 when too many wrong keys have come from there. A key in force is never limited;
   * - 503 while it is not known.
   */
  find(text: string, request: Request): Key {
    const { keyring } = this.#access
    const key = text.length > MAX_KEY_LENGTH ? null : keyring.find(text)
    if (key !== null) return key
    // ADMIN_KEY is known, and the others are not.
    if (keyring.snapshot === null && isKeyText(text)) throw unknownKeys()
    this.#books.failKey()
    const waitMs = this.#failures.add(this.#clientOf(request))
    if (waitMs === 0) throw wrongKey(this.#mistakeIn(text))
    this.#books.limitKey()
    throw tooManyFailures(waitMs)
  }

  #keyOf(request: Request): Key {
    const text = bearerText(request.raw.req)
    if (text !== null) return this.find(text, request)
    const key = this.#readSession(request)
    if (key === null) throw missingKey()
    return key
  }

  /** Resolves when main has tried to read the keys, or takes long. Requests that come together share one try. */
  #refresh(): Promise<void> {
    if (this.#refreshing !== null) return this.#refreshing
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, MAX_WAIT_MS)
    void this.#access.refresh('unknown').then(resolve)
    this.#refreshing = promise.finally(() => {
      clearTimeout(timer)
      this.#refreshing = null
    })
    return this.#refreshing
  }

  /** A revoked key and one that never was look alike. */
  #mistakeIn(text: string): string {
    if (text.length > MAX_KEY_LENGTH) return `the key is too long: ${KEY_FORM}`
    const expiredAtMs = this.#access.keyring.expiryOf(text)
    if (expiredAtMs !== null)
      return `this key expired at ${new Date(expiredAtMs).toISOString()}: use another one`
    if (!isKeyText(text)) return `the key is mistyped: ${KEY_FORM}`
    return 'the key is not in force: it is another service’s, or was revoked'
  }
}

function isPreflight({ method, headers }: Request): boolean {
  return method === 'options' && headers['access-control-request-method'] !== undefined
}
