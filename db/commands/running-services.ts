import type pg from 'pg'
import { counted } from '../../lib/base/counted.ts'
import { findSchema, qualified, tablesIn } from '../schema/schema.ts'
import { statements } from '../statements.ts'

/**
 * One warning when a service seems to work on the database, else none. A service shows by the names of its
 * connections, and by what its writers stored within the last minute. A pooler changes the names of its
 * connections, so an idle service behind one is not noticed.
 */
export async function warningOfServices(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ count: number }>(statements.serviceConnections)
  const connections = rows[0]!.count
  if (connections > 0)
    return [`A service is at work on this database, over ${counted(connections, 'connection')}.`]
  const writers = await busyWriters(client)
  return writers > 0 ? ['A service has stored clicks in this database within the last minute.'] : []
}

async function busyWriters(client: pg.ClientBase): Promise<number> {
  const schema = await findSchema(client)
  const ledger = (schema === null ? [] : await tablesIn(client, schema)).find(
    ({ name }) => name === 'click_ledger',
  )
  if (ledger === undefined) return 0
  const hasEnds = ledger.columns.includes('ended_at')
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int FROM ${qualified(ledger)}
     WHERE updated_at > now() - interval '1 minute' ${hasEnds ? 'AND ended_at IS NULL' : ''}`,
  )
  return rows[0]!.count
}
