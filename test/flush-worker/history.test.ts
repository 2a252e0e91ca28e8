import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { STOP_FLUSHES } from '../../db/history/locks.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { storeAs } from '../flush/flush-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { type Row, rowsFrom } from '../support/rows.ts'
import { until } from '../support/until.ts'

const minuteOf = (time: string) => Date.parse(time) / 60_000
const DAY = 1440

describe('a flush into the history', () => {
  let database: TestDatabase
  let clients: pg.Client[]
  before(async () => {
    database = await createTestDatabase()
    // A role that wants every transaction serializable: one of them would not see what it has waited for.
    await database.query(
      `ALTER DATABASE ${database.server.name} SET default_transaction_isolation = 'serializable'`,
    )
    clients = await Promise.all([0, 1, 2].map(() => connect(database.server, 'clickcounter test')))
  })
  beforeEach(() => database.query('TRUNCATE click_minutes, click_quarters, click_days, click_ledger'))
  after(async () => {
    clients.forEach(discard)
    await database.drop()
  })

  const store = (rows: readonly Row[], { client = clients[0]!, batchRows = 2000 } = {}) =>
    storeAs(client, randomUUID(), batchOf(1, rowsFrom(rows)), batchRows)
  const summedUpTo = (quarters: string, days: string) =>
    database.query('UPDATE click_history SET quarters_until = $1, days_until = $2', [quarters, days])
  const dropped = (minutes: string | null, quarters: string | null) =>
    database.query('UPDATE click_history SET minutes_from = $1, quarters_from = $2', [minutes, quarters])
  /** `banner start clicks bots duplicates` of each row. */
  const rowsIn = async (table: 'minutes' | 'quarters' | 'days') => {
    const column = table.slice(0, -1)
    const rows = await database.query<{ row: string }>(
      `SELECT concat_ws(' ', banner_id, to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), clicks, bots, duplicates) AS row
       FROM click_${table} ORDER BY banner_id, ${column}`,
    )
    return rows.map(({ row }) => row)
  }

  it('makes the months that are missing, of any clock, and stores its batch once', async () => {
    await summedUpTo('2026-11-28T10:00Z', '2026-11-28T00:00Z')
    const rows = [
      [1, minuteOf('1971-05-05T05:05Z'), 1],
      [1, minuteOf('2026-11-30T23:59Z'), 2, 1, 1],
      [1, minuteOf('2026-12-01T00:00Z'), 3],
      [2, minuteOf('2026-12-01T00:00Z'), 4],
      [2, minuteOf('2199-12-31T23:59Z'), 5],
    ] as const
    for (const batchRows of [2000, 1]) {
      await store(rows, { batchRows })
      await database.query(`DROP TABLE click_minutes_2026_12, click_minutes_2199_12`)
    }
    await store(rows)
    expect(await rowsIn('minutes')).to.deep.equal([
      '1 1971-05-05 05:05 3 0 0',
      '1 2026-11-30 23:59 6 3 3',
      '1 2026-12-01 00:00 3 0 0',
      '2 2026-12-01 00:00 4 0 0',
      '2 2199-12-31 23:59 5 0 0',
    ])
    expect(await rowsIn('quarters')).to.deep.equal(['1 1971-05-05 05:00 3 0 0'])
    expect(await rowsIn('days')).to.deep.equal(['1 1971-05-05 00:00 3 0 0'])
  })

  it('makes a month that two instances miss at once', async () => {
    for (let year = 2040; year < 2050; year++) {
      const minute = minuteOf(`${year}-01-01T00:00Z`)
      await Promise.all(clients.map(client => store([[1, minute, 1]], { client })))
    }
    expect(await database.totalClicks()).to.equal(10 * clients.length)
  })

  it('stores nothing for a role that may not make the month, until it owns the table', async () => {
    const role = `poor_${database.server.name}`
    await database.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'of a test';
       GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO ${role}; GRANT CREATE ON SCHEMA public TO ${role}`,
    )
    const poor = await connect({ ...database.server, user: role, password: 'of a test' }, 'clickcounter test')
    try {
      const rows = [[1, minuteOf('2060-01-01T00:00Z'), 1]] as const
      const error = await store(rows, { client: poor }).catch(error => error)
      expect(error).to.include({ code: '42501', message: 'must be owner of table click_minutes' })
      await poor.query('ROLLBACK')
      await database.query(`ALTER TABLE click_minutes OWNER TO ${role}`)
      await store(rows, { client: poor })
      expect(await database.totalClicks()).to.equal(1)
    } finally {
      discard(poor)
      await database.query(
        `REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`,
      )
    }
  })

  it('adds what is late to the sums that have passed it, and nothing to the others', async () => {
    await summedUpTo('2026-11-28T10:15Z', '2026-11-28T09:45Z')
    const rows = [
      [1, minuteOf('2026-11-27T23:59Z'), 1],
      [1, minuteOf('2026-11-28T00:00Z'), 2, 3, 4],
      [1, minuteOf('2026-11-28T09:44Z'), 5],
      [1, minuteOf('2026-11-28T09:45Z'), 10],
      [1, minuteOf('2026-11-28T10:14Z'), 20],
      [1, minuteOf('2026-11-28T10:15Z'), 40],
      [2, minuteOf('2026-11-28T09:44Z'), 0, 0, 7],
    ] as const
    await store(rows)
    await store(rows)
    expect(await rowsIn('minutes')).to.have.lengthOf(7)
    expect(await rowsIn('quarters')).to.deep.equal([
      '1 2026-11-27 23:45 2 0 0',
      '1 2026-11-28 00:00 4 6 8',
      '1 2026-11-28 09:30 10 0 0',
      '1 2026-11-28 09:45 20 0 0',
      '1 2026-11-28 10:00 40 0 0',
      '2 2026-11-28 09:30 0 0 14',
    ])
    expect(await rowsIn('days')).to.deep.equal([
      '1 2026-11-27 00:00 2 0 0',
      '1 2026-11-28 00:00 14 6 8',
      '2 2026-11-28 00:00 0 0 14',
    ])
  })

  it('puts clicks of months that were dropped into what is still kept', async () => {
    await summedUpTo('2026-11-28T10:00Z', '2026-11-28T10:00Z')
    await dropped('2026-11-01Z', '2026-10-01Z')
    await database.query(
      'DROP TABLE IF EXISTS click_minutes_2026_10, click_minutes_2026_09, click_quarters_2026_09',
    )
    await store([
      [1, minuteOf('2026-09-30T23:59Z'), 1],
      [1, minuteOf('2026-10-31T23:59Z'), 2, 1],
      [1, minuteOf('2026-11-01T00:00Z'), 4],
    ])
    await dropped(null, null)
    expect(await rowsIn('minutes')).to.deep.equal(['1 2026-11-01 00:00 4 0 0'])
    expect(await rowsIn('quarters')).to.deep.equal(['1 2026-10-31 23:45 2 1 0', '1 2026-11-01 00:00 4 0 0'])
    expect(await rowsIn('days')).to.deep.equal([
      '1 2026-09-30 00:00 1 0 0',
      '1 2026-10-31 00:00 2 1 0',
      '1 2026-11-01 00:00 4 0 0',
    ])
    // Nobody has made them again.
    expect(
      await database.query(`SELECT FROM pg_class WHERE relname = 'click_minutes_2026_10'`),
    ).to.deep.equal([])
  })

  it('waits for who sums up, and sees how far that one has come', async () => {
    await summedUpTo('2026-11-28T10:00Z', '2026-11-28T10:00Z')
    const [job, flush] = clients as [pg.Client, pg.Client, pg.Client]
    await job.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    await job.query(STOP_FLUSHES)
    await job.query("UPDATE click_history SET quarters_until = '2026-11-28T10:15Z'")
    const stored = store([[1, minuteOf('2026-11-28T10:07Z'), 1]], { client: flush })
    await until(async () => (await database.waiting()).length === 1)
    await job.query('COMMIT')
    await stored
    expect(await rowsIn('quarters')).to.deep.equal(['1 2026-11-28 10:00 1 0 0'])
    expect(await rowsIn('days')).to.deep.equal([])
  })

  it('of late clicks, by many writers at once, neither fails nor loses one', async () => {
    await summedUpTo('2026-11-28T10:00Z', '2026-11-27T12:00Z')
    const seed = newSeed()
    const random = seededRandom(seed)
    const end = minuteOf('2026-11-28T10:00Z')
    const batches = Array.from({ length: 30 }, () => {
      const sums = new Sums()
      for (let row = 0; row < 60; row++)
        sums.add(end - 2 * DAY + random(2 * DAY + 60), 1 + random(3), 0, 1 + random(5))
      return sums.rows()
    })
    await Promise.all(
      clients.map(async (client, nth) => {
        for (let batch = nth; batch < batches.length; batch += clients.length)
          await storeAs(client, randomUUID(), batchOf(1, batches[batch]!), 7)
      }),
    )
    const [differing] = await database.query<{ differing: number }>(
      `WITH quarters AS (
         SELECT banner_id, date_bin('15 minutes', minute, '2000-01-01Z') AS start, sum(clicks) AS clicks
         FROM click_minutes WHERE minute < '2026-11-28T10:00Z' GROUP BY 1, 2
       ), days AS (
         SELECT banner_id, date_trunc('day', minute, 'UTC') AS start, sum(clicks) AS clicks
         FROM click_minutes WHERE minute < '2026-11-27T12:00Z' GROUP BY 1, 2
       )
       SELECT (SELECT count(*)::int FROM quarters FULL JOIN click_quarters AS c
                 ON c.banner_id = quarters.banner_id AND c.quarter = start
               WHERE c.clicks IS DISTINCT FROM quarters.clicks)
            + (SELECT count(*)::int FROM days FULL JOIN click_days AS c
                 ON c.banner_id = days.banner_id AND c.day = start
               WHERE c.clicks IS DISTINCT FROM days.clicks) AS differing`,
    )
    expect(differing, `seed ${seed}`).to.deep.equal({ differing: 0 })
    const clicks = batches.flatMap(({ clicks }) => [...clicks[0]]).reduce((sum, count) => sum + count, 0)
    expect(await database.totalClicks()).to.equal(clicks)
  })
})
