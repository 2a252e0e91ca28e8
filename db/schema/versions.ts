import { fileURLToPath } from 'node:url'
import pg from 'pg'
import Postgrator from 'postgrator'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { expectTables, findSchema, type PresentTable, qualified, VERSION_TABLE } from './schema.ts'

/** 'clickcou' as a number: what every migrating process of this service locks. */
const LOCK_KEY = '7164216982963974005'

/** `2 click-ledger (do)`: a step that was taken. */
export type AppliedMigration = string

/** Until the end of the transaction, no other process moves the tables between versions. */
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

/** What is there; null: nothing of ours. Throws a ClickCounterError when that is not clear or not complete. */
export async function presentTables(client: pg.ClientBase): Promise<PresentTables | null> {
  const schema = await findSchema(client)
  const version = schema === null ? 0 : await readVersion(client, schema)
  if (schema === null || version === 0) return null
  return { schema, version, tables: await expectTables(client, schema, version) }
}

/** The version that this program's migrations end at. */
export async function newestVersion(): Promise<number> {
  return await createPostgrator(async () => ({ rows: [] })).getMaxVersion()
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
 * Takes all steps to the version, within the present transaction. From here to its end, statements find the
 * tables of this schema alone: what a migration makes comes to stand beside them. Rejects with a ClickCounterError
 * when a migration that was made has changed since.
 */
export async function moveTo(
  client: pg.ClientBase,
  schema: string,
  version: number,
): Promise<AppliedMigration[]> {
  await client.query("SELECT set_config('search_path', $1, true)", [pg.escapeIdentifier(schema)])
  try {
    const steps = await createPostgrator(query => client.query(query)).migrate(String(version))
    return steps.map(({ version, name, action }) => `${version} ${name} (${action})`)
  } catch (error) {
    if (!/^MD5 checksum failed/.test((error as Error).message)) throw error
    throw new ClickCounterError(
      'SCHEMA_CHANGED',
      `a migration that was made is another one here (${(error as Error).message}): run the program that made it`,
      { cause: error },
    )
  }
}

/**
 * Postgrator looks for its table in all schemas of the database, so it must be there, in ours: then it makes
 * nothing of what it found elsewhere.
 */
function createPostgrator(execQuery: NonNullable<Postgrator.BaseOptions['execQuery']>): Postgrator {
  return new Postgrator({
    driver: 'pg',
    schemaTable: VERSION_TABLE,
    migrationPattern: fileURLToPath(new URL('../migrations/*.sql', import.meta.url)),
    execQuery,
  })
}
