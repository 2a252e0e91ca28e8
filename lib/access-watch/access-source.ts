import { noteUse } from '../../db/access/change-keys.ts'
import { type AccessToken, readAccess, readToken } from '../../db/access/read-access.ts'
import type { AccessSnapshot } from '../access/snapshot.ts'
import { expectDatabase } from '../watch/expect-database.ts'
import type { WatchConnection } from '../watch/watch-connection.ts'

/** The keys in Postgres. */
export class AccessSource {
  readonly #connection: WatchConnection

  constructor(connection: WatchConnection) {
    this.#connection = connection
  }

  /**
   * All keys and sessions; null when this token is still the present one. Throws a ClickCounterError (OTHER_DATABASE)
   * when another database than that of `known` answers: without keys, it would open the service. The next call makes
   * another connection, which may lead to the right one. What a file has told is read again in any case: its token
   * proves nothing of the rest of the file.
   */
  read(known: AccessToken | null): Promise<AccessSnapshot | null> {
    return this.#connection.use(async client => {
      const present = await readToken(client)
      if (known !== null) expectDatabase(known.database, present.database, 'keys')
      if (present.token === known?.token) return null
      const read = await readAccess(client)
      if (known !== null) expectDatabase(known.database, read.database, 'keys')
      return read
    })
  }

  /** Writes down on which days keys were used, by their ids. */
  noteUse(days: ReadonlyMap<string, string>): Promise<void> {
    return this.#connection.use(client => noteUse(client, days))
  }

  /** Whoever waits for an answer gets an error at once. */
  close(): void {
    this.#connection.close()
  }
}
