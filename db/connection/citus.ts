import type pg from 'pg'

/** SQL of one row with one column, `isOnCitus`. */
export const IS_ON_CITUS = `SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus') AS "isOnCitus"`

const known = new WeakMap<pg.ClientBase, boolean>()

/** Whether the client's database has Citus. Asks once a connection, and so not within a transaction that has failed. */
export async function isOnCitus(client: pg.ClientBase): Promise<boolean> {
  const answer = known.get(client)
  if (answer !== undefined) return answer
  const { rows } = await client.query<{ isOnCitus: boolean }>(IS_ON_CITUS)
  known.set(client, rows[0]!.isOnCitus)
  return rows[0]!.isOnCitus
}

/**
 * Sends statements, in one round trip where that works. On Citus it does not: with `citus.propagate_set_commands`, a SET
 * LOCAL goes to each connection of each worker, with all the text that it came in. A lock in that text would be taken
 * there as well, by each of them, and the second one would wait for the first. Resolves with the rows of the last one.
 */
export async function sendTogether(client: pg.ClientBase, statements: readonly string[]): Promise<unknown[]> {
  const together = (await isOnCitus(client)) ? statements : [statements.join('; ')]
  let last: pg.QueryResult | pg.QueryResult[] = []
  // Of several statements in one text the driver gives a list, which its types do not know.
  for (const text of together) last = await client.query(text)
  return [last].flat().at(-1)!.rows
}
