import { expect } from 'chai'
import type pg from 'pg'
import { migrate } from '../../../db/schema/migrate.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import type { TestDatabase } from '../../support/database.ts'
import { useTwoDatabases } from './two-databases.ts'

const VERSION_BEFORE_MONTHS = 7
const TABLES = ['click_minutes', 'click_quarters', 'click_days', 'click_history']

describe('the history in a backup', () => {
  let database: TestDatabase
  let other: TestDatabase
  let client: pg.Client
  let elsewhere: pg.Client
  const { backUp, restore } = useTwoDatabases(made => ({ database, other, client, elsewhere } = made))
  beforeEach(async () => {
    await downToOlder()
    await database.query(
      `INSERT INTO click_minutes VALUES (1, '1971-01-01Z', 1, 10), (1, '2199-12-31Z', 2, 20)`,
    )
  })

  const downToOlder = async () => {
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - VERSION_BEFORE_MONTHS })
  }
  const contentOf = async (from: TestDatabase) => {
    const rows = await Promise.all(
      TABLES.map(name => from.query(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t ORDER BY 1`)),
    )
    return Object.fromEntries(TABLES.map((name, nth) => [name, rows[nth]]))
  }
  const monthsOf = (from: TestDatabase) =>
    from.query<{ name: string; bounds: string }>(
      `SELECT relname AS name, pg_get_expr(relpartbound, oid) AS bounds FROM pg_class
       WHERE relispartition AND relkind = 'r' ORDER BY relname`,
    )

  it('has the same months again, and the part that was there before there were months', async () => {
    await migrate(database.server, { kind: 'up' })
    await database.storeMinutes(`VALUES (7, '2024-12-12Z', 3), (7, '2026-11-11Z', 4)`)
    await database.query(
      `UPDATE click_history SET minutes_from = '1970-01-01Z', quarters_until = '1971-01-01 00:15Z'`,
    )
    const expected = await contentOf(database)
    const months = await monthsOf(database)
    expect(months.map(({ name }) => name)).to.include.members([
      'click_minutes_2199_12',
      'click_minutes_released',
      'click_quarters_2024_12',
    ])
    await other.storeMinutes(`VALUES (1, '2020-01-01Z', 1)`)
    await backUp(client)
    for (const [to, connected] of [
      [other, elsewhere],
      [database, client],
    ] as const) {
      await restore(connected)
      expect(await contentOf(to)).to.deep.equal(expected)
      expect(await monthsOf(to)).to.deep.equal(months)
    }
  })

  it('of a version that knew no sums is summed up from its oldest minute on', async () => {
    await backUp(client)
    await other.storeMinutes(`VALUES (1, '2020-01-01Z', 1)`)
    await restore(elsewhere)
    const [history] = await other.query(
      `SELECT quarters_until = '1971-01-01Z' AS quarters, days_until = '1971-01-01Z' AS days,
              (SELECT count(*)::int FROM click_quarters) AS rows, (SELECT sum(bots)::int FROM click_minutes) AS bots
       FROM click_history`,
    )
    expect(history).to.deep.equal({ quarters: true, days: true, rows: 0, bots: 30 })
  })
})
