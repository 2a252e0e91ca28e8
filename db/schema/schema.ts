import pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { statements } from '../statements.ts'
import { TABLES, tablesAt } from './tables.ts'

/**
 * Which schema is ours. Statements name no schema: they find tables by the role's search path. Other schemas,
 * in that path or not, may hold tables of the same names.
 */

/** Records which migrations were made. */
export const VERSION_TABLE = 'click_migrations'
/** A table of this name with other columns is somebody else's. */
const VERSION_COLUMNS = ['version', 'name', 'md5', 'run_at']

/** A table as it is in the database. */
export interface PresentTable {
  readonly name: string
  readonly schema: string
  /** In their order. */
  readonly columns: readonly string[]
}

/**
 * The schema that has our table of versions; null when there is none yet. Throws a ClickCounterError when
 * statements would find another table before it.
 */
export async function findSchema(client: pg.ClientBase): Promise<string | null> {
  const found = await findTables(client, [VERSION_TABLE])
  const ours = found.find(isVersionTable)
  if (ours !== undefined && ours !== found[0]) throw shadowed(VERSION_TABLE, found[0]!.schema, ours.schema)
  return ours?.schema ?? null
}

/** Makes the table of versions in the schema where the role makes its tables. Resolves with that schema. */
export async function createSchema(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ schema: string | null }>('SELECT current_schema() AS schema')
  const { schema } = rows[0]!
  if (schema === null)
    throw new ClickCounterError(
      'SCHEMA_NONE',
      'no schema of the search_path exists, or this role may use none of them: create one, or set the search_path (ALTER ROLE … SET search_path = public)',
    )
  const found = await findTables(client, [VERSION_TABLE])
  if (found[0]?.schema === schema)
    throw new ClickCounterError(
      'SCHEMA_NAME_TAKEN',
      `${schema}.${VERSION_TABLE} belongs to something else: its columns are ${found[0].columns.join(', ')} and not ${VERSION_COLUMNS.join(', ')}. Rename it, or give this role another schema (CREATE SCHEMA clickcounter; ALTER ROLE … SET search_path = clickcounter)`,
    )
  await client.query(
    `CREATE TABLE ${VERSION_TABLE} (version bigint PRIMARY KEY, name text, md5 text, run_at timestamptz)`,
  )
  await client.query(`INSERT INTO ${VERSION_TABLE} (version) VALUES (0)`)
  return schema
}

/**
 * All tables of this version. Throws a ClickCounterError unless statements find each of them, in `schema`.
 */
export async function expectTables(
  client: pg.ClientBase,
  schema: string,
  version: number,
): Promise<PresentTable[]> {
  const names = tablesAt(version).map(({ name }) => name)
  const found = await findTables(client, names)
  return names.map(name => {
    const places = found.filter(table => table.name === name)
    const ours = places.find(table => table.schema === schema)
    if (ours === undefined)
      throw new ClickCounterError(
        'TABLE_MISSING',
        `the table ${schema}.${name} is missing, although its migration was made: rename it back, or restore a backup (npm run restore)`,
      )
    if (ours !== places[0]) throw shadowed(name, places[0]!.schema, schema)
    return ours
  })
}

/** The tables of the newest version, as far as the schema has them. */
export async function tablesIn(client: pg.ClientBase, schema: string): Promise<PresentTable[]> {
  const found = await findTables(
    client,
    TABLES.map(({ name }) => name),
  )
  return found.filter(table => table.schema === schema)
}

/** The table's name for a statement. */
export function qualified({ schema, name }: Pick<PresentTable, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`
}

/** In the order in which the search path finds them. */
async function findTables(client: pg.ClientBase, names: readonly string[]): Promise<PresentTable[]> {
  return (await client.query<PresentTable>(statements.findTables, [names])).rows
}

function isVersionTable({ columns }: PresentTable): boolean {
  return VERSION_COLUMNS.every(column => columns.includes(column))
}

function shadowed(name: string, wrongSchema: string, schema: string): ClickCounterError {
  return new ClickCounterError(
    'SCHEMA_SHADOWED',
    `${wrongSchema}.${name} comes before ${schema}.${name} in the search_path: rename or drop the one that you do not want, or put ${schema} first (ALTER ROLE … SET search_path = ${schema})`,
  )
}
