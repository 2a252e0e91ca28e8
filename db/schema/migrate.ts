import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { connect, discard } from '../connection/connect.ts'
import { beginWriting, commit, isLockTimeout, type Limits } from '../connection/transaction.ts'
import { STOP_FLUSHES } from '../history/locks.ts'
import { expectNoWorker } from './distribution.ts'
import { createSchema, expectTables, findSchema } from './schema.ts'
import {
  type AppliedMigration,
  expectKnownVersion,
  lockVersions,
  moveTo,
  newestVersion,
  readVersion,
  versionBefore,
} from './versions.ts'

/** A migration may rewrite a table, or wait for another process that does. */
const LIMITS: Limits = { lockMs: 60_000, statementMs: 600_000, queryMs: 610_000, idleMs: 5000 }

/**
 * A step waits for a table this long at a time. All others that want the table wait behind it, flushes as
 * well. It is less than a flush may wait, and flushes go on between two waits.
 */
const TABLE_WAIT_MS = 500
const PAUSE_MS = 500

type Direction = { readonly kind: 'up' } | { readonly kind: 'down'; readonly steps: number }

/**
 * Brings the tables to the newest version, or some versions back. Many processes may call it at once. Throws
 * a ClickCounterError when the database is newer than this program, when it has fewer versions than are to be
 * taken back, when it is unclear which tables are ours, or when a table is missing.
 *
 * Each migration and the row that records it are one transaction, under an advisory lock of that transaction.
 * Postgrator has neither, and a lock of the session would not survive a pooler in transaction mode. Each
 * round reads the version again, because another process may have moved it.
 */
export async function migrate(server: DatabaseServer, direction: Direction): Promise<AppliedMigration[]> {
  await expectAnswer(server)
  const client = await connect(server, 'clickcounter migrate', LIMITS)
  try {
    return await migrateStepwise(client, direction)
  } finally {
    // A transaction that is open is undone by this, and its lock ends.
    discard(client)
  }
}

/**
 * Finds a server that accepts connections and then says nothing: within the ordinary limits, not those above. Throws a
 * ClickCounterError when it is a worker of Citus, where the migrations would make tables anew.
 */
async function expectAnswer(server: DatabaseServer): Promise<void> {
  const client = await connect(server, 'clickcounter migrate')
  try {
    await expectNoWorker(client)
  } finally {
    discard(client)
  }
}

async function migrateStepwise(client: pg.Client, direction: Direction): Promise<AppliedMigration[]> {
  const applied: AppliedMigration[] = []
  let target: number | null = null
  const lastTryMs = performance.now() + LIMITS.lockMs
  for (;;) {
    await beginWriting(client, LIMITS)
    await lockVersions(client)
    const schema = (await findSchema(client)) ?? (await createSchema(client))
    const version = await readVersion(client, schema)
    target ??= await targetVersion(version, direction)
    const next = version + Math.sign(target - version)
    const steps = version === target ? [] : await takeStep(client, schema, next, lastTryMs)
    if (steps === null) continue
    if (version === target) await expectTables(client, schema, version)
    await commit(client)
    applied.push(...steps)
    if (version === target) return applied
  }
}

/**
 * null: a table is in use, or clicks are being added. The transaction is rolled back, and the step can be tried again.
 *
 * The lock of flushes comes before the tables: a flush that has read one of these, and then waits for another, would
 * stop the step at its last table, when it has copied all minutes.
 */
async function takeStep(
  client: pg.Client,
  schema: string,
  version: number,
  lastTryMs: number,
): Promise<AppliedMigration[] | null> {
  await client.query(`SET LOCAL lock_timeout = ${TABLE_WAIT_MS}`)
  try {
    await client.query(STOP_FLUSHES)
    return await moveTo(client, schema, version)
  } catch (error) {
    if (!isLockTimeout(error) || performance.now() > lastTryMs) throw error
    // Before the pause: the lock of the versions goes with the transaction, so another
    // process may migrate meanwhile.
    await client.query('ROLLBACK')
    await setTimeout(PAUSE_MS)
    return null
  }
}

async function targetVersion(version: number, direction: Direction): Promise<number> {
  if (direction.kind === 'down') return versionBefore(version, direction.steps)
  await expectKnownVersion(version)
  return await newestVersion()
}
