import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { addClicks } from '../../db/history/add-clicks.ts'
import { ensureMonths, monthOf } from '../../db/history/months.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { rowsFrom } from '../support/rows.ts'

const PAUSE_SECONDS = 0.1
/** No click is late, and nothing was dropped. */
const NOTHING_SUMMED_UP = { quartersUntil: 0, daysUntil: 0, minutesFrom: null, quartersFrom: null }

describe('a batch that nobody waits for', () => {
  let database: TestDatabase
  let client: pg.Client
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
  })
  after(async () => {
    discard(client)
    await database.drop()
  })

  it('pauses after every 125 rows of a statement, and stores the same', async () => {
    const rows = 500
    const batch = rowsFrom(Array.from({ length: rows }, (_, row) => [row + 1, 28_000_000, 3]))
    await ensureMonths(client, 'minutes', [monthOf(28_000_000)])
    const startedAt = performance.now()
    await addClicks(client, batch, NOTHING_SUMMED_UP, { batchRows: rows, pauseSeconds: PAUSE_SECONDS })
    // Not less than that, whatever the machine does; more says nothing.
    expect(performance.now() - startedAt).to.be.at.least(4 * PAUSE_SECONDS * 1000)
    expect(
      await database.query('SELECT count(*)::int, sum(clicks)::int AS clicks FROM click_minutes'),
    ).to.deep.equal([{ count: rows, clicks: 3 * rows }])
  })

  it('is divided into short INSERTs, since each works on all its rows before the first pause', async () => {
    expect(await insertSizes(0)).to.deep.equal([1200])
    expect(await insertSizes(PAUSE_SECONDS)).to.deep.equal([500, 500, 200])
  })
})

/** How many of 1200 rows each INSERT has, when up to 2000 are allowed. */
async function insertSizes(pauseSeconds: number): Promise<number[]> {
  const sizes: number[] = []
  const client = {
    query: async (_statement: string, [bannerIds]: [string]) => void sizes.push(bannerIds.split(',').length),
  }
  const batch = rowsFrom(Array.from({ length: 1200 }, (_, row) => [row + 1, 28_000_000, 3]))
  await addClicks(client as unknown as pg.Client, batch, NOTHING_SUMMED_UP, { batchRows: 2000, pauseSeconds })
  return sizes
}
