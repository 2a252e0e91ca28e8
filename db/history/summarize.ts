import type pg from 'pg'
import { beginWriting, commit, type Limits, PLAIN_VALUES } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { listPartitions, type MonthlyTable } from './months.ts'

/** Flushes and readers go on meanwhile. What is done is kept when the time is over. */
const LIMITS: Limits = { lockMs: 1000, statementMs: 60_000, queryMs: 65_000, idleMs: 5000 }
/** Somebody else does it now, it takes long, or the role does not own the table. */
const HARMLESS: ReadonlySet<unknown> = new Set(['55P03', '57014', '42501'])

/**
 * Lets the next steps find the rows of a time without reading all of its month, as they would have to behind a restore
 * or a load of many rows, while flushes wait. Autovacuum does the same a minute later or an hour.
 */
export async function summarizeMonth(
  client: pg.ClientBase,
  table: MonthlyTable,
  minute: number,
): Promise<void> {
  await beginWriting(client, LIMITS, PLAIN_VALUES)
  try {
    for (const { schema, name, from, until } of await listPartitions(client, table))
      if ((from ?? -Infinity) <= minute && minute < (until ?? Infinity))
        await client.query(statements.summarizeMonth, [schema, name])
    await commit(client)
  } catch (error) {
    if (!HARMLESS.has((error as { code?: unknown }).code)) throw error
    await client.query('ROLLBACK')
  }
}
