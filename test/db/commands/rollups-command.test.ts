import { expect } from 'chai'
import type pg from 'pg'
import { warningOfServices } from '../../../db/commands/running-services.ts'
import { connect } from '../../../db/connection/connect.ts'
import { ensureMonths, MONTHLY_TABLES } from '../../../db/history/months.ts'
import { ROLL_UP_KINDS, rollUp } from '../../../db/history/roll-up.ts'
import { StepSize } from '../../../db/history/step-size.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { beginAt, flush, minuteOf, sumsIn, wrongSums } from '../history/history-support.ts'
import { callCommand } from './command-support.ts'

const SEPTEMBER = ['--from', '2024-09-11', '--to', '2024-09-14']

describe('npm run rollups', () => {
  let database: TestDatabase
  let client: pg.Client
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    for (const table of MONTHLY_TABLES)
      await ensureMonths(client, table, ['2024-08-01T00:00', '2024-09-01T00:00'].map(minuteOf))
    // All of it is late, so that flushes make the sums.
    await beginAt(database, '2024-09-13T10:15')
    for (const banner of [1, 2])
      await flush(
        client,
        [
          '2024-08-31T23:59',
          '2024-09-11T00:00',
          '2024-09-12T10:01',
          '2024-09-12T10:14',
          '2024-09-13T10:14',
        ].map(time => [banner, minuteOf(time), 2, 1]),
      )
    await flush(client, [[1, minuteOf('2024-09-13T10:15'), 7]])
  })
  afterEach(async () => {
    await client.end()
    await database.drop()
  })

  const run = (...args: readonly string[]) =>
    callCommand('rollups-command', { DATABASE_URL: database.url }, args)

  async function expectRight(): Promise<void> {
    const { status, stdout, stderr } = await run('verify')
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '' })
    expect(stderr).to.match(/^2024-08-31T00:00:00Z to \d{4}-\d\d-\d\dT00:00:00Z: all sums are right\.\n$/)
  }

  it('finds nothing wrong where sums are what minutes and imports come to', async () => {
    await expectRight()
    await database.query(`
      INSERT INTO click_imported (banner_id, starts_at, grain, import_id, clicks)
      SELECT id, '2024-09-12T10:00Z', grain, gen_random_uuid(), clicks
      FROM (VALUES (1, 'hour', 10), (1, 'hour', 20), (3, 'hour', 40), (1, 'day', 100), (4, 'day', 200))
        AS file (id, grain, clicks)`)
    await database.query("UPDATE click_imported SET starts_at = '2024-09-12Z' WHERE grain = 'day'")
    expect((await run('verify')).stdout.split('\n')).to.deep.equal([
      'quarter 2024-09-12T10:00:00Z banner 1: is 4 2 0, should be 34 2 0',
      'quarter 2024-09-12T10:00:00Z banner 3: is none, should be 40 0 0',
      'day 2024-09-12T00:00:00Z banner 1: is 4 2 0, should be 104 2 0',
      'day 2024-09-12T00:00:00Z banner 4: is none, should be 200 0 0',
      '',
    ])
    const { status, stderr } = await run('rebuild', ...SEPTEMBER)
    expect({ status, stderr }).to.deep.equal({
      status: 0,
      stderr: '2024-09-11T00:00:00Z to 2024-09-14T00:00:00Z: 5 sums made anew.\n',
    })
    expect((await sumsIn(database, 'click_days')).filter(row => row.includes('2024-09-12'))).to.deep.equal([
      '1 2024-09-12T00:00 134 2 0',
      '2 2024-09-12T00:00 4 2 0',
      '3 2024-09-12T00:00 40 0 0',
      '4 2024-09-12T00:00 200 0 0',
    ])
    await expectRight()
  })

  it('lists what differs, lacks or should not be there, with exit code 1, and makes it anew', async () => {
    for (const statement of [
      "UPDATE click_quarters SET clicks = clicks + 1 WHERE banner_id = 1 AND quarter = '2024-09-12T10:00Z'",
      "DELETE FROM click_quarters WHERE banner_id = 2 AND quarter = '2024-09-11Z'",
      "INSERT INTO click_quarters VALUES (9, '2024-09-13T10:30Z', 5, 0, 0)",
      "UPDATE click_days SET duplicates = 3 WHERE banner_id = 2 AND day = '2024-09-13Z'",
      "INSERT INTO click_days VALUES (8, '2024-09-11Z', 5, 0, 0)",
    ])
      await database.query(statement)
    const wrong = [
      'quarter 2024-09-11T00:00:00Z banner 2: is none, should be 2 1 0',
      'quarter 2024-09-12T10:00:00Z banner 1: is 5 2 0, should be 4 2 0',
      'quarter 2024-09-13T10:30:00Z banner 9: is 5 0 0, should be none',
      'day 2024-09-11T00:00:00Z banner 8: is 5 0 0, should be none',
      'day 2024-09-13T00:00:00Z banner 2: is 2 1 3, should be 2 1 0',
    ]
    const found = await run('verify', ...SEPTEMBER)
    expect(found.status).to.equal(1)
    expect(found.stdout.split('\n')).to.include.members(wrong)
    expect(found.stderr).to.match(/^7 sums differ: npm run rollups -- rebuild makes them anew\n$/)

    const mended = await run('rebuild', ...SEPTEMBER)
    expect(mended.stdout.split('\n')).to.deep.equal([...wrong, ''])
    expect(mended).to.include({ status: 0 })
    await expectRight()
    expect(await wrongSums(database)).to.include({ quarters: 0, days: 0 })

    await database.query("INSERT INTO click_days VALUES (8, '2024-09-11Z', 5, 0, 0)")
    expect((await run('verify', ...SEPTEMBER)).stderr).to.match(/^1 sum differs: .* rebuild makes it anew\n$/)
    expect((await run('rebuild', ...SEPTEMBER)).status).to.equal(0)
  })

  it('leaves out what has no minutes any more, and makes nothing anew there', async () => {
    await database.query('ALTER TABLE click_minutes DETACH PARTITION click_minutes_2024_08')
    await database.query("UPDATE click_history SET minutes_from = '2024-09-01Z'")
    const { status, stderr } = await run('verify')
    expect(status).to.equal(0)
    expect(stderr).to.match(
      /^Not compared: quarters before 2024-09-01T00:00:00Z\. .*\n2024-08-31.* are right\.\n$/,
    )
    const refused = await run('rebuild', '--from', '2024-08-31', '--to', '2024-09-02')
    expect(refused).to.deep.equal({
      status: 1,
      stdout: '',
      stderr:
        'minutes before 2024-09-01 were dropped, so sums of that time cannot be made anew: begin at 2024-09-01 or later\n',
    })
    expect(await sumsIn(database, 'click_days')).to.include('1 2024-08-31T00:00 2 1 0')
  })

  it('says what it takes, and what is wrong with what it got', async () => {
    expect((await run('--help')).stdout).to.match(/^Usage: npm run rollups -- verify/)
    for (const [args, says] of [
      [[], /^say verify or rebuild\n/],
      [['check'], /^say verify or rebuild\n/],
      [['verify', '2024-09-12'], /^days are given as --from and --to\n/],
      [['rebuild', '--from', '2024-09-12'], /^rebuild takes --from and --to\n/],
      [['verify', '--from', 'today'], /^--from takes a day such as 2026-11-01, in UTC, and not "today"\n/],
      [['verify', '--from', '2024-09-12', '--to', '2024-09-12'], /^--from must be before --to\n/],
      [['verify', '--since', '2024'], /Unknown option '--since'/],
    ] as const) {
      const { status, stdout, stderr } = await run(...args)
      expect({ status, stdout }, args.join(' ')).to.deep.equal({ status: 1, stdout: '' })
      expect(stderr).to.match(says)
    }
  })

  it('is no service for those who ask whether one is at work', async () => {
    await client.query('BEGIN; LOCK TABLE click_minutes')
    const verified = run('verify')
    await until(async () => (await database.waiting()).length === 1)
    expect(await warningOfServices(client)).to.deep.equal([])
    await client.query('COMMIT')
    expect(await verified).to.include({ status: 0 })
  })

  it('raises no false alarm while flushes and roll-ups go on', async () => {
    let isOver = false
    const steps = { done: 0 }
    const others = (async () => {
      const options = { size: new StepSize(100), waitMs: 200 }
      for (let nowMinute = minuteOf('2024-09-13T10:15'); !isOver; nowMinute += 3) {
        await flush(client, [
          [5, nowMinute, 1],
          [6, nowMinute - 100, 1],
        ])
        for (const kind of ROLL_UP_KINDS)
          if ((await rollUp(client, kind, { ...options, nowMinute })) === 'done') steps.done++
      }
    })()
    for (let round = 0; round < 10; round++)
      expect(await run('verify', ...SEPTEMBER)).to.include({ status: 0, stdout: '' })
    isOver = true
    await others
    expect(steps.done).to.be.above(10)
  })
})
