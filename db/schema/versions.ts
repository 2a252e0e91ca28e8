import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type Postgrator from 'postgrator'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { expectOneServer } from './distribution.ts'
import { expectTables, findSchema, type PresentTable, qualified, VERSION_TABLE } from './schema.ts'

/** 'clickcou' as a number. Every process that migrates the tables of this service locks it. */
const LOCK_KEY = '7164216982963974005'

/** A step that was taken, such as `2 click-ledger (do)`. */
export type AppliedMigration = string

/** Keeps other processes from moving the tables between versions, until the end of the transaction. */
export async function lockVersions(client: pg.ClientBase): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`)
}

export async function readVersion(client: pg.ClientBase, schema: string): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT coalesce(max(version), 0) AS version FROM ${qualified({ schema, name: VERSION_TABLE })}`,
  )
  return Number(rows[0]!.version)
}

export interface PresentTables {
  readonly schema: string
  /** At least 1. */
  readonly version: number
  readonly tables: readonly PresentTable[]
}

/** What is there; null: no table of ours. Throws a ClickCounterError when that is unclear or incomplete. */
export async function presentTables(client: pg.ClientBase): Promise<PresentTables | null> {
  const schema = await findSchema(client)
  const version = schema === null ? 0 : await readVersion(client, schema)
  if (schema === null || version === 0) return null
  return { schema, version, tables: await expectTables(client, schema, version) }
}

/** The version that this program's migrations end at. */
export async function newestVersion(): Promise<number> {
  return await (await createPostgrator(async () => ({ rows: [] }))).getMaxVersion()
}

/** The version so many steps back. Throws a ClickCounterError when there are not so many. */
export function versionBefore(version: number, steps: number): number {
  if (steps <= version) return version - steps
  throw new ClickCounterError(
    'TOO_MANY_STEPS',
    `the tables are at version ${version}: ${steps} versions cannot be taken back`,
  )
}

/** Throws a ClickCounterError when the tables are newer than this program. */
export async function expectKnownVersion(version: number): Promise<void> {
  const newest = await newestVersion()
  if (version > newest)
    throw new ClickCounterError(
      'SCHEMA_TOO_NEW',
      `the database has schema version ${version}, this program knows ${newest}: run the newer program, or take the tables back with it (npm run migrate -- down ${version - newest})`,
    )
}

/**
 * Takes all steps to the version within the present transaction. From here to its end, statements find the
 * tables of this schema alone, so that a migration makes its tables there. Rejects with a ClickCounterError
 * when a migration has changed since it was made, or when the tables are distributed and a step is of one server.
 */
export async function moveTo(
  client: pg.ClientBase,
  schema: string,
  version: number,
): Promise<AppliedMigration[]> {
  await client.query("SELECT set_config('search_path', $1, true)", [pg.escapeIdentifier(schema)])
  await expectOneServer(client, await readVersion(client, schema), version)
  try {
    const postgrator = await createPostgrator(query => client.query(query))
    const steps = await postgrator.migrate(String(version))
    return steps.map(({ version, name, action }) => `${version} ${name} (${action})`)
  } catch (error) {
    if (!/^MD5 checksum failed/.test((error as Error).message)) throw error
    throw new ClickCounterError(
      'SCHEMA_CHANGED',
      `a migration differs from the one that was made in this database (${(error as Error).message}): run the program that made it`,
      { cause: error },
    )
  }
}

/**
 * Postgrator looks for its table in all schemas of the database, and would add to one that it finds
 * elsewhere. So the table must be in our schema, and complete, before Postgrator runs.
 *
 * It is loaded here, when the request threads of a service listen already: loading it takes 30 ms.
 */
async function createPostgrator(
  execQuery: NonNullable<Postgrator.BaseOptions['execQuery']>,
): Promise<Postgrator> {
  const { default: Postgrator } = await import('postgrator')
  return new Postgrator({
    driver: 'pg',
    schemaTable: VERSION_TABLE,
    migrationPattern: fileURLToPath(new URL('../migrations/*.sql', import.meta.url)),
    execQuery,
  })
}
