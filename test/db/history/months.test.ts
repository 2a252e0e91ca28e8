import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../../db/connection/connect.ts'
import { beginWriting, commit, PLAIN_VALUES, SERVICE_LIMITS } from '../../../db/connection/transaction.ts'
import { ensureMonths, listPartitions, monthAfter, monthOf } from '../../../db/history/months.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const minuteOf = (time: string) => Date.parse(time) / 60_000
const NOVEMBER = minuteOf('2026-11-01T00:00Z')

describe('months', () => {
  let database: TestDatabase
  let client: pg.Client
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
  })
  afterEach(async () => {
    discard(client)
    await database.drop()
  })

  const partitions = async () => {
    await beginWriting(client, SERVICE_LIMITS, PLAIN_VALUES)
    const found = await listPartitions(client, 'minutes')
    await commit(client)
    return found.map(({ schema, name, from, until }) => [`${schema}.${name}`, from, until])
  }
  const addAt = (time: string) =>
    database.query(
      `INSERT INTO click_minutes VALUES (1, $1, 1, 0, 0)
       ON CONFLICT (banner_id, minute) DO UPDATE SET clicks = click_minutes.clicks + 1
       RETURNING tableoid::regclass::text AS in`,
      [time],
    )

  it('begin at the first minute of a month in UTC, in any year', () => {
    for (const [time, month, next] of [
      ['2026-11-30T23:59Z', '2026-11-01T00:00Z', '2026-12-01T00:00Z'],
      ['2026-12-01T00:00Z', '2026-12-01T00:00Z', '2027-01-01T00:00Z'],
      ['2024-01-31T12:00Z', '2024-01-01T00:00Z', '2024-02-01T00:00Z'],
      ['1969-12-31T23:59Z', '1969-12-01T00:00Z', '1970-01-01T00:00Z'],
      ['0001-02-03T00:00Z', '0001-02-01T00:00Z', '0001-03-01T00:00Z'],
    ] as const) {
      expect(monthOf(minuteOf(time)), time).to.equal(minuteOf(month))
      expect(monthAfter(minuteOf(time)), time).to.equal(minuteOf(next))
    }
  })

  it('are made once, and hold their first and last minute, whatever the role has set', async () => {
    // In this form the bounds end with IST, which Postgres reads as the time of Israel.
    await database.query(
      `ALTER DATABASE ${database.server.name} SET DateStyle = 'SQL, DMY';
       ALTER DATABASE ${database.server.name} SET TimeZone = 'Asia/Kolkata'`,
    )
    discard(client)
    client = await connect(database.server, 'clickcounter test')
    const months = [NOVEMBER, minuteOf('1971-02-01T00:00Z'), minuteOf('6053-01-01T00:00Z'), NOVEMBER]
    for (let times = 0; times < 2; times++) {
      await ensureMonths(client, 'minutes', months)
      expect(await partitions()).to.deep.equal([
        ['public.click_minutes_1971_02', minuteOf('1971-02-01T00:00Z'), minuteOf('1971-03-01T00:00Z')],
        ['public.click_minutes_2026_11', NOVEMBER, minuteOf('2026-12-01T00:00Z')],
        ['public.click_minutes_6053_01', minuteOf('6053-01-01T00:00Z'), minuteOf('6053-02-01T00:00Z')],
      ])
    }
    for (const time of ['2026-11-01T00:00Z', '2026-11-30T23:59Z'])
      expect(await addAt(time)).to.deep.equal([{ in: 'click_minutes_2026_11' }])
    const error = await addAt('2026-12-01T00:00Z').catch(error => error)
    expect(error.code).to.equal('23514')
  })

  it('are made by one of many who come at once, while a transaction goes on that reads and writes', async () => {
    await ensureMonths(client, 'minutes', [NOVEMBER])
    await client.query(
      `BEGIN; SELECT FROM click_minutes; INSERT INTO click_minutes VALUES (1, '2026-11-02Z', 1, 0, 0)`,
    )
    const others = await Promise.all(
      Array.from({ length: 6 }, () => connect(database.server, 'clickcounter test')),
    )
    try {
      const months = [NOVEMBER, monthAfter(NOVEMBER), monthAfter(monthAfter(NOVEMBER))]
      await Promise.all(others.map(other => ensureMonths(other, 'minutes', months)))
    } finally {
      others.forEach(discard)
    }
    await client.query('COMMIT')
    expect((await partitions()).map(([name]) => name)).to.deep.equal([
      'public.click_minutes_2026_11',
      'public.click_minutes_2026_12',
      'public.click_minutes_2027_01',
    ])
  })

  it('get another name when somebody has detached a month and keeps it', async () => {
    for (const times of [1, 2, 3]) {
      await ensureMonths(client, 'minutes', [NOVEMBER])
      expect(await addAt('2026-11-02Z')).to.deep.equal([
        { in: times === 1 ? 'click_minutes_2026_11' : `click_minutes_2026_11_${times}` },
      ])
      await client.query(
        `ALTER TABLE click_minutes DETACH PARTITION click_minutes_2026_11${times === 1 ? '' : `_${times}`}`,
      )
    }
  })

  it('are made where the table is, and with what it is made of', async () => {
    const elsewhere = await createTestDatabase({ isMigrated: false })
    try {
      await elsewhere.query(
        `CREATE SCHEMA "Clicks & more";
         ALTER DATABASE ${elsewhere.server.name} SET search_path = "Clicks & more"`,
      )
      await migrate(elsewhere.server, { kind: 'up' })
      await elsewhere.query(
        `ALTER DATABASE ${elsewhere.server.name} SET search_path = public, "Clicks & more"`,
      )
      await elsewhere.storeMinutes(`VALUES (1, '2026-11-02Z', 1)`)
      expect(
        await elsewhere.query(
          `SELECT relnamespace::regnamespace::text AS schema, reloptions::text AS options,
                  (SELECT array_agg(amname::text ORDER BY amname) FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
                   JOIN pg_am ON pg_am.oid = i.relam WHERE indrelid = pg_class.oid) AS indexes
           FROM pg_class WHERE relname = 'click_minutes_2026_11'`,
        ),
      ).to.deep.equal([{ schema: '"Clicks & more"', options: '{fillfactor=50}', indexes: ['brin', 'btree'] }])
    } finally {
      await elsewhere.drop()
    }
  })
})
