import type pg from 'pg'
import { noteUse } from '../../db/access/change-keys.ts'
import { type AccessToken, readAccess, readToken } from '../../db/access/read-access.ts'
import { connect, discard } from '../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import type { AccessSnapshot } from '../access/snapshot.ts'
import { ClickCounterError } from '../base/errors.ts'
import type { DatabaseServer } from '../config/config.ts'

/** Operators know a service by the names of its connections, see db/sql/service-connections.sql. */
const CONNECTION_NAME = 'clickcounter keys'
/** A half-open connection is noticed after this time, and then another one is made. */
const LIMITS = { ...SERVICE_LIMITS, queryMs: 3000 }

/** The keys in Postgres, over one connection that is kept. After a failure the next call makes another one. */
export class AccessSource {
  readonly #database: DatabaseServer
  readonly #closed = Promise.withResolvers<never>()
  #isClosed = false
  #client: pg.Client | null = null

  constructor(database: DatabaseServer) {
    this.#database = database
    this.#closed.promise.catch(() => {})
  }

  /**
   * All keys and sessions; null when this token is still the present one. Throws a ClickCounterError (OTHER_DATABASE)
   * when another database than that of `known` answers. The next call makes another connection, which may lead to
   * the right one.
   */
  read(known: AccessToken | null): Promise<AccessSnapshot | null> {
    return this.#use(async client => {
      const present = expectDatabase(known, await readToken(client))
      if (present.token === known?.token) return null
      return expectDatabase(known, await readAccess(client))
    })
  }

  /** Writes down on which days keys were used, by their ids. */
  noteUse(days: ReadonlyMap<string, string>): Promise<void> {
    return this.#use(client => noteUse(client, days))
  }

  /** Whoever waits for an answer gets an error at once. */
  close(): void {
    this.#isClosed = true
    this.#closed.reject(new Error('the connection was closed'))
    this.#disconnect()
  }

  async #use<Result>(ask: (client: pg.Client) => Promise<Result>): Promise<Result> {
    try {
      this.#client ??= await Promise.race([this.#connect(), this.#closed.promise])
      return await ask(this.#client)
    } catch (error) {
      // The state of this connection is unknown now.
      this.#disconnect()
      throw error
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = await connect(this.#database, CONNECTION_NAME, LIMITS)
    client.on('error', () => {
      if (this.#client === client) this.#client = null
    })
    // It was closed meanwhile, and nobody waits for this client any more.
    if (this.#isClosed) discard(client)
    return client
  }

  #disconnect(): void {
    if (this.#client !== null) discard(this.#client)
    this.#client = null
  }
}

/** A database without keys would open the service, and clicks that strangers send now wait for the right one. */
function expectDatabase<Read extends AccessToken>(known: AccessToken | null, read: Read): Read {
  if (known === null || read.database === known.database) return read
  throw new ClickCounterError(
    'OTHER_DATABASE',
    `another database answers (${read.database}) than the one that the keys are of (${known.database}): if it is the right one, start the service anew`,
  )
}
