import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { beginWriting, commit } from '../connection/transaction.ts'
import { occupiedTables } from '../schema/losses.ts'
import {
  createSchema,
  expectTables,
  findSchema,
  qualified,
  tablesIn,
  VERSION_TABLE,
} from '../schema/schema.ts'
import { expectKnownVersion, lockVersions, moveTo, newestVersion, readVersion } from '../schema/versions.ts'
import { COPY_LIMITS, PLAIN_VALUES } from './copy.ts'
import { type BackedUpTable, type BackupHeader, countRows, type OnProgress } from './format.ts'
import { type Backup, readBackup } from './read.ts'

/**
 * Replaces the tables that are there with a backup, in one transaction: all or nothing. Makes the tables as
 * they were at the time of the backup, fills them, and brings them to the newest version. Rejects with a
 * ClickCounterError when the file is not complete, when it or the database is newer than this program, or
 * when there are rows and `isReplacing` is not set.
 */
export async function restoreBackup(
  client: pg.Client,
  path: string,
  { isReplacing, onProgress }: { isReplacing: boolean; onProgress: OnProgress },
): Promise<Backup> {
  await beginWriting(client, COPY_LIMITS)
  for (const setting of PLAIN_VALUES) await client.query(`SET LOCAL ${setting}`)
  await lockVersions(client)
  const schema = (await findSchema(client)) ?? (await createSchema(client))
  await expectKnownVersion(await readVersion(client, schema))
  const present = await tablesIn(client, schema)
  if (present.length > 0)
    await client.query(`LOCK TABLE ${present.map(qualified).join(', ')} IN EXCLUSIVE MODE`)
  if (!isReplacing) await expectNoRows(client)
  const backup = await readBackup(path, {
    header: header => makeTables(client, schema, header),
    table: (table, rows) => fill(client, table, rows, onProgress),
  })
  await moveTo(client, schema, await newestVersion())
  await commit(client)
  return backup
}

/** Throws a ClickCounterError when a table has rows. */
export async function expectNoRows(client: pg.ClientBase): Promise<void> {
  const occupied = await occupiedTables(client)
  if (occupied.length > 0)
    throw new ClickCounterError(
      'TABLES_OCCUPIED',
      `the database has ${occupied.join(' and ')}: say --replace to drop that for the backup, or take another database`,
    )
}

/** Throws a ClickCounterError when the file is of a version that this program does not know. */
export async function expectKnownBackup({ schemaVersion, program }: BackupHeader): Promise<void> {
  const newest = await newestVersion()
  if (schemaVersion > newest)
    throw new ClickCounterError(
      'BACKUP_TOO_NEW',
      `the backup has schema version ${schemaVersion}, this program knows ${newest}: restore it with version ${program} of the program, or a later one`,
    )
}

async function makeTables(client: pg.Client, schema: string, header: BackupHeader): Promise<void> {
  await expectKnownBackup(header)
  for (const table of await tablesIn(client, schema)) await client.query(`DROP TABLE ${qualified(table)}`)
  await client.query(`DELETE FROM ${qualified({ schema, name: VERSION_TABLE })} WHERE version > 0`)
  await moveTo(client, schema, header.schemaVersion)
  const made = await expectTables(client, schema, header.schemaVersion)
  const shapes = (tables: readonly BackedUpTable[]) =>
    tables
      .map(({ name, columns }) => `${name} (${columns.toSorted()})`)
      .sort()
      .join(', ')
  if (shapes(made) !== shapes(header.tables))
    throw new ClickCounterError(
      'BACKUP_FOREIGN',
      `the backup does not have the tables of schema version ${header.schemaVersion}: it has ${shapes(header.tables)}, and they are ${shapes(made)}`,
    )
  // Rows that a migration itself made are in the backup as well.
  await client.query(`TRUNCATE ${made.map(({ name }) => name).join(', ')}`)
}

async function fill(
  client: pg.Client,
  { name, columns }: BackedUpTable,
  rows: AsyncIterable<Buffer>,
  onProgress: OnProgress,
): Promise<void> {
  const told = async function* () {
    let count = 0
    for await (const chunk of rows) {
      onProgress(name, (count += countRows(chunk)))
      yield chunk
    }
  }
  const copy = `COPY ${name} (${columns.join(', ')}) FROM STDIN`
  await pipeline(Readable.from(told(), { objectMode: false }), client.query(copyFrom(copy)))
}
