import { expect } from 'chai'
import type pg from 'pg'
import { connect } from '../../../db/connection/connect.ts'
import { ensureMonths, MONTHLY_TABLES } from '../../../db/history/months.ts'
import { mend } from '../../../db/history/rebuild.ts'
import { ROLL_UP_KINDS } from '../../../db/history/roll-up.ts'
import { differencesIn } from '../../../db/history/verify.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { beginAt, flush, minuteOf, sumsIn, wrongSums } from './history-support.ts'

const MONTHS = ['2024-10', '2024-11', '2024-12']
const ALL = { from: minuteOf('2024-10-01T00:00'), until: minuteOf('2025-01-01T00:00') }
const NOTHING_WRONG = { quarters: 0, days: 0 }

describe('sums that are made anew', () => {
  let database: TestDatabase
  let client: pg.Client
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    const months = MONTHS.map(month => minuteOf(`${month}-01T00:00`))
    for (const table of MONTHLY_TABLES) await ensureMonths(client, table, months)
    await beginAt(database, '2025-01-01T00:00')
    await flush(
      client,
      MONTHS.flatMap(month => [
        [1, minuteOf(`${month}-01T00:00`), 2, 1],
        [1, minuteOf(`${month}-28T23:59`), 4],
      ]),
    )
  })
  afterEach(async () => {
    await client.end()
    await database.drop()
  })

  /** One kind after the other, as the command does. There may be nothing to do. */
  async function mendAll(): Promise<void> {
    for (const kind of ROLL_UP_KINDS) await mend(client, kind, await differencesIn(client, kind, ALL, 100))
  }

  it('leave all other months alone: these may be read, moved and large', async () => {
    await database.query('UPDATE click_quarters SET clicks = 9 WHERE quarter >= $1', ['2024-12-01T00:00Z'])
    await database.query('UPDATE click_days SET clicks = 8 WHERE day >= $1', ['2024-12-01T00:00Z'])
    const quarters = await differencesIn(client, 'quarters', ALL, 100)
    const days = await differencesIn(client, 'days', ALL, 100)
    expect([quarters.length, days.length]).to.deep.equal([2, 2])
    const other = await connect(database.server, 'clickcounter test')
    await other.query('BEGIN')
    for (const month of ['2024_10', '2024_11'])
      await other.query(`LOCK TABLE click_minutes_${month}, click_quarters_${month} IN ACCESS EXCLUSIVE MODE`)
    await mend(client, 'quarters', quarters)
    await mend(client, 'days', days)
    await other.end()
    expect(await wrongSums(database)).to.include(NOTHING_WRONG)
  })

  it('get their month back, when somebody has lost it', async () => {
    const before = await sumsIn(database, 'click_quarters')
    await database.query('DROP TABLE click_quarters_2024_11')
    await database.query('DELETE FROM click_days')
    await mendAll()
    expect(await wrongSums(database)).to.include(NOTHING_WRONG)
    await mendAll()
    expect(await sumsIn(database, 'click_quarters')).to.deep.equal(before)
  })
})
