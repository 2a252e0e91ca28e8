import { expect } from 'chai'
import { lossesOfDown } from '../../../db/schema/losses.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../../support/database.ts'

const UP = { kind: 'up' } as const
/** The version before the minutes were divided by month. */
const OLDER = 7

describe('the migration to minutes by month', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    await goBack()
  })
  afterEach(() => database.drop())

  const stepsToOlder = async () => {
    const [row] = await database.query<{ version: number }>(
      'SELECT max(version)::int AS version FROM click_migrations',
    )
    return row!.version - OLDER
  }
  const goBack = async () => {
    await migrate(database.server, { kind: 'down', steps: await stepsToOlder() })
  }
  const add = (...times: string[]) =>
    database.query(
      `INSERT INTO click_minutes SELECT banner, time, 1, 2, 3
       FROM generate_series(1, 3) AS banner, unnest($1::timestamptz[]) AS time`,
      [times],
    )
  const all = async () => {
    const rows = await database.query<{ row: string }>(
      `SELECT concat_ws(' ', banner_id, to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), clicks, bots, duplicates) AS row
       FROM click_minutes ORDER BY minute, banner_id`,
    )
    return rows.map(({ row }) => row)
  }
  /** How many minutes each partition has. */
  const counts = async () => {
    const rows = await database.query<{ name: string; count: number }>(
      'SELECT tableoid::regclass::text AS name, count(*)::int FROM click_minutes GROUP BY 1 ORDER BY 1',
    )
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
  }
  const watermarks = async () =>
    (
      await database.query(
        `SELECT to_char(quarters_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS quarters,
                to_char(days_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS days, minutes_from, quarters_from
         FROM click_history`,
      )
    )[0]
  const pages = async (name: string) =>
    (await database.query('SELECT pg_relation_filenode($1::regclass) AS file', [name]))[0]

  it('takes the rows in as they lie, those of an odd clock too, whatever the role has set', async () => {
    await database.query(
      `ALTER DATABASE ${database.server.name} SET DateStyle = 'SQL, DMY';
       ALTER DATABASE ${database.server.name} SET TimeZone = 'Asia/Kolkata'`,
    )
    await add('1971-01-01T20:00Z', '2024-12-31T23:59Z', '2025-01-01T00:00Z')
    await add('2199-12-31T23:59Z', '2200-01-01T00:00Z', '6053-01-23T00:00Z')
    const before = await all()
    const file = await pages('click_minutes')
    await migrate(database.server, UP)
    expect(await all()).to.deep.equal(before)
    expect(await pages('click_minutes_released')).to.deep.equal(file)
    expect(await counts()).to.deep.equal({
      click_minutes_released: 9,
      click_minutes_2199_12: 3,
      click_minutes_2200_01: 3,
      click_minutes_6053_01: 3,
    })
    const until = '1971-01-01 00:00'
    expect(await watermarks()).to.deep.equal({
      quarters: until,
      days: until,
      minutes_from: null,
      quarters_from: null,
    })
    await goBack()
    expect(await all()).to.deep.equal(before)
    expect(await pages('click_minutes')).to.deep.equal(file)
  })

  it('leaves room for the months to come: the first of the next one is not in what was there', async () => {
    await add('2024-12-31T23:59Z')
    await migrate(database.server, UP)
    const [time] = await database.query<{ last: Date; next: Date }>(
      `SELECT next - interval '1 minute' AS last, next
       FROM (SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC' AS next) AS t`,
    )
    await database.storeMinutes('VALUES (9, $1, 1), (9, $2, 1)', [time!.last, time!.next])
    expect(await counts()).to.include({ click_minutes_released: 4 })
    expect(Object.keys(await counts())).to.have.lengthOf(2)
  })

  it('of an empty table begins with the running quarter of an hour, and has no month', async () => {
    await migrate(database.server, UP)
    const partitions = await database.query('SELECT FROM pg_class WHERE relispartition')
    expect(partitions).to.deep.equal([])
    const [history] = await database.query<{ ageMinutes: number; isQuarter: boolean; isOne: boolean }>(
      `SELECT extract(epoch FROM now() - quarters_until)::int / 60 AS "ageMinutes", quarters_until = days_until AS "isOne",
              extract(epoch FROM quarters_until)::bigint % 900 = 0 AS "isQuarter" FROM click_history`,
    )
    expect(history).to.deep.include({ isQuarter: true, isOne: true })
    expect(history!.ageMinutes).to.be.within(0, 15)
  })

  it('is looked at from both ends without a copy: what would go is said at once', async () => {
    await add('2024-12-31T23:59Z')
    await migrate(database.server, UP)
    await database.storeMinutes("VALUES (1, '2199-01-01Z', 1), (1, '2024-12-30Z', 2)")
    await database.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a copy'; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON click_minutes_released FOR EACH ROW EXECUTE FUNCTION refuse()`,
    )
    const before = await all()
    const steps = await stepsToOlder()
    const losses = await withClient(database.server, client => lossesOfDown(client, steps))
    expect(losses[0]).to.equal('drops the column bots of click_ledger, which has 0 rows')
    expect(losses[3]).to.equal('drops the column conflicts of click_ledger, which has 0 rows')
    expect(losses[4]).to.equal(
      'drops the table click_quarters with 1 row: clicks whose minutes were dropped, or that were imported by the hour, are in no minute',
    )
    expect(losses.slice(4).map(loss => /^drops the table (\w+)/.exec(loss)?.[1])).to.deep.equal([
      'click_quarters',
      'click_days',
      'click_history',
      'click_imports',
      'click_imported',
      'click_instances',
      'bulk_keys',
    ])
    expect(await all()).to.deep.equal(before)
  })

  it('goes back and comes again, with rows everywhere, and with the privileges of others', async () => {
    const reader = `reader_${database.server.name}`
    await database.query(`CREATE ROLE ${reader}; GRANT SELECT ON click_minutes TO ${reader}, PUBLIC`)
    try {
      await add('2024-12-31T23:59Z')
      for (let times = 0; times < 3; times++) {
        await migrate(database.server, UP)
        await database.storeMinutes(
          `SELECT banner, time, 1, 2, 3 FROM generate_series(1, 3) AS banner,
           unnest('{2023-01-01Z,2024-12-31 23:59Z,2199-01-01Z}'::timestamptz[]) AS time`,
        )
        const before = await all()
        expect(before).to.have.lengthOf(9)
        expect(before).to.include(
          '1 2024-12-31 23:59 2 4 6'.replaceAll('2 4 6', `${times + 2} ${2 * times + 4} ${3 * times + 6}`),
        )
        await goBack()
        expect(await all()).to.deep.equal(before)
        const [granted] = await database.query(
          `SELECT has_table_privilege('${reader}', 'click_minutes', 'SELECT') AS read,
                  has_table_privilege('${reader}', 'click_minutes', 'DELETE') AS delete`,
        )
        expect(granted).to.deep.equal({ read: true, delete: false })
      }
      await migrate(database.server, UP)
      const [granted] = await database.query(
        `SELECT has_table_privilege('${reader}', 'click_minutes', 'SELECT') AS read`,
      )
      expect(granted).to.deep.equal({ read: true })
    } finally {
      await database.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`)
    }
  })
})
