import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beginWriting, commit, SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { addClicks } from '../../db/history/add-clicks.ts'
import { readHistoryState } from '../../db/history/history-state.ts'
import { SHARE_FLUSHES } from '../../db/history/locks.ts'
import { ensureMonths, MONTHLY_TABLES, monthOf } from '../../db/history/months.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { readHealth } from './health.ts'
import type { ServiceProcess } from './service-process.ts'

const LOOK_INTERVAL_MS = 100
/** Rows of an INSERT, as is set when nobody says otherwise. */
const PACE = { batchRows: 2000, pauseSeconds: 0 }

/** Clicks in Postgres, once the service says that none is pending. */
export async function storedClicks({ url, dataDir }: ServiceProcess): Promise<number> {
  await flush(url)
  while ((await readHealth(url)).clicks.pending > 0) await sleep(LOOK_INTERVAL_MS)
  return storedNow(dataDir)
}

/**
 * Clicks in Postgres, whatever is still on its way there. All columns but the key are counts. Which columns
 * there are depends on the release that made the table.
 */
export async function storedNow(dataDir: string): Promise<number> {
  const [table] = await queryDatabase<{ gross: string }>(
    dataDir,
    `SELECT string_agg(quote_ident(attname), ' + ') AS gross FROM pg_attribute
       WHERE attrelid = 'click_minutes'::regclass AND attnum > 0 AND NOT attisdropped
         AND attname NOT IN ('banner_id', 'minute')`,
  )
  const [row] = await queryDatabase<{ total: string }>(
    dataDir,
    `SELECT coalesce(sum(${table!.gross}), 0)::text AS total FROM click_minutes`,
  )
  return Number(row!.total)
}

/** Adds clicks to a service's embedded Postgres as a flush would: to the minutes, and to the sums that have passed them. */
export async function addRows(dataDir: string, rows: Rows): Promise<void> {
  await withDatabase(dataDir, async client => {
    const months = new Set(Array.from(rows.minutes, monthOf))
    for (const table of MONTHLY_TABLES) await ensureMonths(client, table, months)
    await flushRows(client, rows)
  })
}

/** A flush's transaction, without the ledger. `begun`, in SQL, is what goes with its BEGIN. Its months are there. */
export async function flushRows(client: pg.Client, rows: Rows, begun = SHARE_FLUSHES): Promise<void> {
  await beginWriting(client, SERVICE_LIMITS, [begun])
  await addClicks(client, rows, await readHistoryState(client), PACE)
  await commit(client)
}

/** Runs a statement in a service's embedded Postgres. */
export function queryDatabase<Row extends object>(dataDir: string, text: string): Promise<Row[]> {
  return withDatabase(dataDir, async client => (await client.query<Row>(text)).rows)
}

export async function withDatabase<Result>(
  dataDir: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client((await readFile(join(dataDir, 'postgres.url'), 'utf8')).trim())
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** Asks for statistics: the service stores all clicks that it acknowledged before it answers. */
export async function flush(url: string): Promise<void> {
  const response = await fetch(`${url}/stats/1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: '2000-01-01T00:00:00Z', to: '2000-01-01T00:01:00Z' }),
  })
  await response.body?.cancel()
}
