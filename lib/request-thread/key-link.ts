import type { MessagePort } from 'node:worker_threads'
import type { Keyring } from '../access/keyring.ts'
import type { AccessSnapshot } from '../access/snapshot.ts'
import type { ThreadAccess } from '../access/thread-access.ts'
import type { RefreshCause } from '../base/refresh-cause.ts'
import type { FromRequestThread } from '../messages.ts'
import type { Refreshes } from './refreshes.ts'

/** A request thread's side of the keys: takes what main sends, and tells main what it wants and what was used. */
export class KeyLink implements ThreadAccess {
  readonly keyring: Keyring
  readonly #port: Pick<MessagePort, 'postMessage'>
  readonly #now: () => number
  readonly #refreshes: Pick<Refreshes, 'ask'>
  /** What was used on `#day`. Ids of keys, so there are no more of them than keys. */
  readonly #used = new Set<string>()
  /** The UTC day, as 2026-11-27. */
  #day = ''

  /** `now` is in milliseconds since the epoch. */
  constructor(
    port: Pick<MessagePort, 'postMessage'>,
    refreshes: Pick<Refreshes, 'ask'>,
    keyring: Keyring,
    now: () => number,
  ) {
    this.#port = port
    this.#refreshes = refreshes
    this.keyring = keyring
    this.#now = now
  }

  take(snapshot: AccessSnapshot): void {
    this.keyring.replace(snapshot)
    // After it is in force: main tells whoever changed a key that the change is in force.
    this.#send({ kind: 'taken' })
  }

  /** Has main read the keys again. */
  refresh(cause: RefreshCause): Promise<void> {
    return this.#refreshes.ask('keys', cause)
  }

  /** A key has let somebody in. Main is told of the first time on each UTC day. */
  noteUse(keyId: string): void {
    const day = new Date(this.#now()).toISOString().slice(0, 10)
    if (day !== this.#day) this.#used.clear()
    this.#day = day
    if (this.#used.has(keyId)) return
    this.#used.add(keyId)
    this.#send({ kind: 'keyUsed', use: { keyId, day } })
  }

  #send(message: FromRequestThread): void {
    this.#port.postMessage(message)
  }
}
