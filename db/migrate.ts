import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import Postgrator from 'postgrator'
import type { DatabaseServer } from '../lib/config/config.ts'
import { ClickCounterError } from '../lib/errors.ts'
import { connect, discard } from './connect.ts'

/** 'clickcou' as a number: what every migrating process of this service locks. */
const LOCK_KEY = '7164216982963974005'
const SCHEMA_TABLE = 'click_migrations'
/** A migration may rewrite a table, or wait for another process that does. */
const LIMITS = { lockMs: 60_000, statementMs: 600_000, queryMs: 610_000 }

export type Direction = { readonly kind: 'up' } | { readonly kind: 'down'; readonly steps: number }

/** `2 click-ledger (do)`: a step that was taken. */
export type AppliedMigration = string

/**
 * Brings the tables to the newest version, or some versions back. Any number of processes may call it at
 * once. Throws a ClickCounterError when the database is newer than this program, or a migration that was
 * applied has changed since.
 *
 * One transaction a migration, with the row that records it, under an advisory lock that ends with the
 * transaction: Postgrator by itself does neither, and a lock of the session would not survive a pooler in
 * transaction mode. Each turn looks anew where the database stands, since another process may have been
 * first.
 */
export async function migrate(server: DatabaseServer, direction: Direction): Promise<AppliedMigration[]> {
  await expectAnswer(server)
  const client = await connect(server, 'clickcounter migrate', LIMITS)
  try {
    return await migrateStepwise(client, createPostgrator(client, server.name), direction)
  } finally {
    // Outside a transaction there is nothing to undo; inside one, this undoes it and ends the lock.
    discard(client)
  }
}

/** A server that takes connections and says nothing is found out with the ordinary limits, not with those above. */
async function expectAnswer(server: DatabaseServer): Promise<void> {
  const client = await connect(server, 'clickcounter migrate')
  try {
    await client.query('SELECT 1')
  } finally {
    discard(client)
  }
}

async function migrateStepwise(
  client: pg.Client,
  postgrator: Postgrator,
  direction: Direction,
): Promise<AppliedMigration[]> {
  const applied: AppliedMigration[] = []
  let target: number | null = null
  for (;;) {
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`)
    const version = await postgrator.getDatabaseVersion()
    target ??= await targetVersion(postgrator, version, direction)
    const steps =
      version === target ? [] : await postgrator.migrate(String(version + Math.sign(target - version)))
    await client.query('COMMIT')
    applied.push(...steps.map(({ version, name, action }) => `${version} ${name} (${action})`))
    if (version === target) return applied
  }
}

async function targetVersion(postgrator: Postgrator, version: number, direction: Direction): Promise<number> {
  if (direction.kind === 'down') return Math.max(0, version - direction.steps)
  const newest = await postgrator.getMaxVersion()
  if (version > newest)
    throw new ClickCounterError(
      'SCHEMA_TOO_NEW',
      `the database has schema version ${version}, this program knows ${newest}: run the newer program, or take the tables back with it (npm run migrate -- down ${version - newest})`,
    )
  return newest
}

function createPostgrator(client: pg.Client, databaseName: string): Postgrator {
  return new Postgrator({
    driver: 'pg',
    database: databaseName,
    schemaTable: SCHEMA_TABLE,
    migrationPattern: fileURLToPath(new URL('./migrations/*.sql', import.meta.url)),
    execQuery: query => client.query(query),
  })
}
