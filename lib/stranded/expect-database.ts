import type pg from 'pg'
import { expectKnownVersion, newestVersion, presentTables } from '../../db/schema/versions.ts'
import { ClickCounterError } from '../base/errors.ts'

/**
 * Throws a ClickCounterError unless the database has the tables of this version. A service would make them; a command
 * that somebody runs beside services must not: those of another version could not go on.
 */
export async function expectTables(client: pg.ClientBase): Promise<void> {
  const present = await presentTables(client)
  if (present === null)
    throw new ClickCounterError(
      'NO_TABLES',
      'the database has no tables of this program: is it the right one? A service makes them, and so does npm run migrate',
    )
  await expectKnownVersion(present.version)
  const newest = await newestVersion()
  if (present.version < newest)
    throw new ClickCounterError(
      'SCHEMA_TOO_OLD',
      `the database has schema version ${present.version}, this program stores into ${newest}: run the program of the services, or npm run migrate first`,
    )
}
