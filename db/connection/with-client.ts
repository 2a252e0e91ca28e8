import type pg from 'pg'
import type { ConnectionPool } from './hosts-pool.ts'

/** Does some work over a connection of the pool. After an error the connection's state is unknown: the pool closes it. */
export async function withClient<Result>(
  pool: Pick<ConnectionPool, 'connect'>,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    const result = await work(client)
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  }
}
