import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { expectStillWritable, leaveIfSilent } from '../../db/connection/hosts.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import type { DatabaseServer } from '../config/config.ts'

/** Operators know a service by the names of its connections, see db/sql/service-connections.sql. */
const CONNECTION_NAME = 'clickcounter watch'
/** A half-open connection is noticed after this time, and then another one is made. */
const LIMITS = { ...SERVICE_LIMITS, queryMs: 3000 }

/** The one connection that all watches of main share. It is kept. After a failure the next call makes another one. */
export class WatchConnection {
  readonly #database: DatabaseServer
  readonly #closed = Promise.withResolvers<never>()
  #isClosed = false
  #client: pg.Client | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(database: DatabaseServer) {
    this.#database = database
    this.#closed.promise.catch(() => {})
  }

  /**
   * Asks once those who came before have their answers. So a reader of many rows asks for a page at a time: the end
   * of a revoked key waits for one page, not for all of them.
   */
  use<Result>(ask: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const answer = this.#last.then(() => this.#use(ask))
    this.#last = answer.catch(() => {})
    return answer
  }

  /** Whoever waits for an answer gets an error at once. */
  close(): void {
    this.#isClosed = true
    this.#closed.reject(new Error('the connection was closed'))
    this.#disconnect()
  }

  async #use<Result>(ask: (client: pg.Client) => Promise<Result>): Promise<Result> {
    try {
      if (this.#client === null) this.#client = await Promise.race([this.#connect(), this.#closed.promise])
      else await expectStillWritable(this.#client, this.#database)
      return await ask(this.#client)
    } catch (error) {
      // The state of this connection is unknown now.
      this.#disconnect()
      leaveIfSilent(this.#database, error)
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
