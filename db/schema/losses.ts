import type pg from 'pg'
import { counted } from '../../lib/base/counted.ts'
import { beginWriting } from '../connection/transaction.ts'
import { STOP_FLUSHES } from '../history/locks.ts'
import { findSchema, type PresentTable, qualified, tablesIn } from './schema.ts'
import { isDropped } from './tables.ts'
import { lockVersions, moveTo, readVersion, versionBefore } from './versions.ts'

/** Counting further would take long and tell nothing new. */
const MAX_COUNTED_ROWS = 1_000_000

/** What goes with a table, or with a column of one, by its name. */
const ALSO_LOST: Readonly<Record<string, string>> = {
  // The journal belongs to the id of its database, and a table that is made again has another id.
  click_database: ", the database's id: clicks that wait for it need npm run journal -- adopt afterwards",
  access_keys: ': without a key, everybody who reaches the service may count and read',
  access_state: ': all sessions end',
  'click_minutes.bots': ': clicks of bots are counted nowhere any more, and valid clicks stay',
  'click_minutes.duplicates': ': duplicates are counted nowhere any more, and valid clicks stay',
  click_quarters: ': clicks whose minutes were dropped, or that were imported by the hour, are in no minute',
  click_days: ': clicks whose quarters were dropped, or that were imported by the day, are in no minute',
  click_imports: ': the same files can be imported once more',
  click_instances: ': nobody knows any more which lost instances may hold clicks',
  bulk_keys: ': bulks that are sent again with their key count once more',
  banners: ': redirects lead to no target any more, npm run banners -- export keeps them in a file',
}

/**
 * What would be dropped if versions were taken back, one sentence each. Takes them back in a transaction and
 * rolls it back. Throws a ClickCounterError when there are not so many versions.
 */
export async function lossesOfDown(client: pg.Client, steps: number): Promise<string[]> {
  await beginWriting(client)
  await lockVersions(client)
  const schema = await findSchema(client)
  const version = schema === null ? 0 : await readVersion(client, schema)
  const target = versionBefore(version, steps)
  const before = await tablesIn(client, schema!)
  // Count first: moveTo locks the tables, and others would wait while rows are counted.
  const rows = new Map<string, string>()
  for (const table of before) rows.set(table.name, await rowsOf(client, table))
  // Before the tables: who adds clicks or sums them up has some of these, and waits for others.
  await client.query(STOP_FLUSHES)
  // Or the way back would copy all minutes, to no end.
  if (before.length > 0) await client.query(`TRUNCATE ${before.map(qualified).join(', ')}`)
  await moveTo(client, schema!, target)
  const after = await tablesIn(client, schema!)
  await client.query('ROLLBACK')
  return before.flatMap(table => {
    const left = after.find(({ name }) => name === table.name)
    if (left === undefined)
      return [`drops the table ${table.name} with ${rows.get(table.name)}${ALSO_LOST[table.name] ?? ''}`]
    const columns = table.columns.filter(column => !left.columns.includes(column))
    return columns.map(
      column =>
        `drops the column ${column} of ${table.name}, which has ${rows.get(table.name)}` +
        (ALSO_LOST[`${table.name}.${column}`] ?? ''),
    )
  })
}

/**
 * Our tables with rows that a restore of a backup of this version of the tables drops, with their numbers, in words.
 */
export async function occupiedTables(client: pg.ClientBase, backupVersion: number): Promise<string[]> {
  const schema = await findSchema(client)
  const occupied: string[] = []
  for (const table of schema === null ? [] : await tablesIn(client, schema)) {
    if (!isDropped(table, backupVersion)) continue
    const rows = await rowsOf(client, table)
    if (rows !== '0 rows') occupied.push(`${table.name} with ${rows}`)
  }
  return occupied
}

async function rowsOf(client: pg.ClientBase, table: PresentTable): Promise<string> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int FROM (SELECT 1 FROM ${qualified(table)} LIMIT ${MAX_COUNTED_ROWS + 1}) AS counted`,
  )
  const { count } = rows[0]!
  if (count > MAX_COUNTED_ROWS) return `more than ${MAX_COUNTED_ROWS} rows`
  return counted(count, 'row')
}
