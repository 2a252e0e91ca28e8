import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { listed } from '../../lib/config/wording.ts'
import { isOnCitus } from '../connection/citus.ts'

/** Those that db/citus/distribute.sql names. */
export const DISTRIBUTED_TABLES: readonly string[] = [
  'click_minutes',
  'click_quarters',
  'click_days',
  'click_imported',
  'banners',
  'banner_changes',
  'bulk_keys',
]
/** The first version whose tables can be distributed. */
const FIRST_DISTRIBUTED = 8

const DISTRIBUTED = read('distributed')
const PLACE = read('place')

function read(name: string): string {
  return readFileSync(new URL(`../citus/${name}.sql`, import.meta.url), 'utf8')
}

/** Which of the tables are distributed, by name. */
export async function distributedTables(client: pg.ClientBase): Promise<string[]> {
  if (!(await isOnCitus(client))) return []
  const { rows } = await client.query<{ name: string }>(DISTRIBUTED, [DISTRIBUTED_TABLES])
  return rows.map(({ name }) => name)
}

/**
 * Throws a ClickCounterError when steps between these versions are among those that know no distributed tables: they
 * have many changes in one query, and Citus takes one.
 */
export async function expectOneServer(client: pg.ClientBase, from: number, to: number): Promise<void> {
  if (Math.min(from, to) >= FIRST_DISTRIBUTED) return
  const distributed = await distributedTables(client)
  if (distributed.length > 0)
    throw new ClickCounterError(
      'SCHEMA_DISTRIBUTED',
      `versions before ${FIRST_DISTRIBUTED} are of one server, and Citus has distributed ${listed(distributed)}: ` +
        'bring that back first (npm run citus -- undistribute)',
    )
}

/** Throws a ClickCounterError when this server is a worker of Citus: the tables of the coordinator are not there. */
export async function expectNoWorker(client: pg.ClientBase): Promise<void> {
  if (!(await isOnCitus(client))) return
  const { rows } = await client.query<{ isCoordinator: boolean; host: string | null; port: number | null }>(
    PLACE,
  )
  const { isCoordinator, host, port } = rows[0]!
  if (isCoordinator) return
  throw new ClickCounterError(
    'SCHEMA_ON_WORKER',
    'this server is a worker of Citus: CLICKCOUNTER_DATABASE_HOST, or the URL, has to name the coordinator' +
      (host === null ? '' : `, which is ${host}, port ${port}`),
  )
}
