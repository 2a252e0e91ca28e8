import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { listed } from '../../lib/config/wording.ts'
import { beginWriting, commit, PLAIN_VALUES } from '../connection/transaction.ts'
import { STOP_FLUSHES } from '../history/locks.ts'
import { MONTHLY_TABLES, makePartition } from '../history/months.ts'
import { occupiedTables } from '../schema/losses.ts'
import {
  createSchema,
  expectTables,
  findSchema,
  type PresentTable,
  qualified,
  tablesIn,
  VERSION_TABLE,
} from '../schema/schema.ts'
import { contentOf, isBackedUp, staysAfter } from '../schema/tables.ts'
import { expectKnownVersion, lockVersions, moveTo, newestVersion, readVersion } from '../schema/versions.ts'
import { statements } from '../statements.ts'
import { COPY_LIMITS } from './copy.ts'
import { type BackedUpTable, type BackupHeader, countRows, type OnProgress } from './format.ts'
import { type Backup, readBackup } from './read.ts'

/**
 * Replaces the tables that are there with a backup, in one transaction: all or nothing. Makes the tables as
 * they were at the time of the backup, fills them, and brings them to the newest version. Keys that are there stay:
 * a restore neither opens a service nor brings back a key that is known to be revoked. Banners that are there stay when
 * the backup is of a version that had none. Instances that run find no revision of theirs in the tables, and read the
 * banners anew. Rejects with a ClickCounterError when the file is not complete, when it or the database is newer than
 * this program, or when there are rows and `isReplacing` is not set.
 */
export async function restoreBackup(
  client: pg.Client,
  path: string,
  { isReplacing, onProgress }: { isReplacing: boolean; onProgress: OnProgress },
): Promise<Backup> {
  await beginWriting(client, COPY_LIMITS, PLAIN_VALUES)
  await lockVersions(client)
  const schema = (await findSchema(client)) ?? (await createSchema(client))
  const version = await readVersion(client, schema)
  await expectKnownVersion(version)
  const present = await tablesIn(client, schema)
  // Before the tables: who adds clicks or sums them up has some of these, and waits for others.
  await client.query(STOP_FLUSHES)
  // In the order of a change of banners: swapped, each could wait for the other.
  await client.query(statements.lockBanners)
  if (present.length > 0)
    await client.query(`LOCK TABLE ${present.map(qualified).join(', ')} IN EXCLUSIVE MODE`)
  // Behind the lock, or a key that is revoked meanwhile would be back, and before the tables are dropped.
  const keys = await keysIn(client, present)
  let kept: readonly PresentTable[] = []
  const backup = await readBackup(path, {
    header: async header => {
      await expectKnownBackup(header)
      if (!isReplacing) await expectNoRows(client, header)
      kept = present.filter(table => staysAfter(table, header.schemaVersion))
      for (const table of kept) await keepRows(client, table)
      await makeTables(client, schema, header)
    },
    table: (table, rows) => fill(client, table, rows, onProgress),
  })
  // At their own version: the steps from there to the newest are made for their rows as well.
  if (kept.length > 0) await moveTo(client, schema, version)
  for (const table of kept) await putBackRows(client, table)
  await moveTo(client, schema, await newestVersion())
  if (keys !== null) await client.query(statements.mergeKeys, [keys])
  await commit(client)
  return backup
}

/** All keys as a list in JSON; null: there is none. */
async function keysIn(client: pg.Client, present: readonly PresentTable[]): Promise<string | null> {
  const table = present.find(table => contentOf(table) === 'keys')
  if (table === undefined) return null
  const { rows } = await client.query<{ keys: string | null }>(
    `SELECT json_agg(key)::text AS keys FROM ${qualified(table)} AS key`,
  )
  return rows[0]!.keys
}

/** Until the end of the transaction. */
async function keepRows(client: pg.Client, table: PresentTable): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE kept_${table.name} ON COMMIT DROP AS TABLE ${qualified(table)}`)
}

async function putBackRows(client: pg.Client, { name, columns }: PresentTable): Promise<void> {
  const names = columns.join(', ')
  // The migration may have made a row.
  await client.query(`TRUNCATE ${name}`)
  await client.query(`INSERT INTO ${name} (${names}) SELECT ${names} FROM kept_${name}`)
}

/** Throws a ClickCounterError when a table has rows that the backup would replace. */
export async function expectNoRows(client: pg.ClientBase, { schemaVersion }: BackupHeader): Promise<void> {
  const occupied = await occupiedTables(client, schemaVersion)
  if (occupied.length > 0)
    throw new ClickCounterError(
      'TABLES_OCCUPIED',
      `the database has ${listed(occupied)}: say --replace to drop that for the backup, or take another database`,
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
  for (const table of await tablesIn(client, schema)) await client.query(`DROP TABLE ${qualified(table)}`)
  await client.query(`DELETE FROM ${qualified({ schema, name: VERSION_TABLE })} WHERE version > 0`)
  await moveTo(client, schema, header.schemaVersion)
  const all = await expectTables(client, schema, header.schemaVersion)
  const made = all.filter(isBackedUp)
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
  // Rows that a migration itself made are in the backup as well, but for the new secret of sessions.
  await client.query(`TRUNCATE ${made.map(({ name }) => name).join(', ')}`)
  for (const table of MONTHLY_TABLES) {
    const { partitions = [] } = header.tables.find(({ name }) => name === `click_${table}`) ?? {}
    for (const bounds of partitions) await makePartition(client, table, bounds)
  }
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
