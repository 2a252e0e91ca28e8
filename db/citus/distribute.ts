import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { isOnCitus } from '../connection/citus.ts'
import { beginWriting, commit, type Limits } from '../connection/transaction.ts'
import { STOP_FLUSHES } from '../history/locks.ts'
import { DISTRIBUTED_TABLES, distributedTables, expectNoWorker } from '../schema/distribution.ts'
import { expectKnownVersion, lockVersions, newestVersion, presentTables } from '../schema/versions.ts'

/** As many as there are rows: they are copied. */
export const DISTRIBUTION_LIMITS: Limits = { lockMs: 60_000, statementMs: 0, queryMs: 0, idleMs: 0 }

const [DISTRIBUTE, UNDISTRIBUTE] = [read('distribute'), read('undistribute')]

function read(name: string): string {
  return readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8')
}

/**
 * Distributes all tables that are to be and are not. Resolves with their names. Throws a ClickCounterError when there is
 * no Citus, when this is a worker, or when the tables are not of this program's version.
 */
export async function distribute(client: pg.Client): Promise<string[]> {
  await beginAlone(client)
  await expectNewest(client)
  const before = await distributedTables(client)
  await client.query(DISTRIBUTE)
  const after = await distributedTables(client)
  await commit(client)
  return after.filter(name => !before.includes(name))
}

/**
 * Brings all tables back to the coordinator, whatever their version: older migrations need them there. Resolves with
 * their names. Throws a ClickCounterError when there is no Citus, or when this is a worker.
 */
export async function undistribute(client: pg.Client): Promise<string[]> {
  await beginAlone(client)
  const tables = await distributedTables(client)
  await client.query(UNDISTRIBUTE, [DISTRIBUTED_TABLES])
  await commit(client)
  return tables
}

/**
 * The lock of the versions comes first, as for a migration, and then that of the flushes: whoever adds clicks has that
 * one, and waits for tables.
 */
async function beginAlone(client: pg.Client): Promise<void> {
  if (!(await isOnCitus(client)))
    throw new ClickCounterError(
      'CITUS_MISSING',
      'this database has no Citus: CREATE EXTENSION citus in it, on each node, and name the nodes to each other',
    )
  await expectNoWorker(client)
  await beginWriting(client, DISTRIBUTION_LIMITS)
  await lockVersions(client)
  await client.query(STOP_FLUSHES)
}

async function expectNewest(client: pg.Client): Promise<void> {
  const version = (await presentTables(client))?.version ?? 0
  await expectKnownVersion(version)
  const newest = await newestVersion()
  if (version < newest)
    throw new ClickCounterError(
      'SCHEMA_TOO_OLD',
      `the tables are at version ${version}, and this program knows ${newest}: npm run migrate -- up comes first`,
    )
}
