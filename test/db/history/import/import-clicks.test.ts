import { expect } from 'chai'
import type pg from 'pg'
import { connect } from '../../../../db/connection/connect.ts'
import { beginWriting, SERVICE_LIMITS } from '../../../../db/connection/transaction.ts'
import { addClicks } from '../../../../db/history/add-clicks.ts'
import { readHistoryState } from '../../../../db/history/history-state.ts'
import { importClicks } from '../../../../db/history/import/import-clicks.ts'
import { readHistory } from '../../../../db/history/import/read-history.ts'
import { SHARE_FLUSHES, STOP_FLUSHES } from '../../../../db/history/locks.ts'
import { ensureMonths, monthOf } from '../../../../db/history/months.ts'
import { newRows } from '../../../../lib/rows/rows.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { until } from '../../../support/until.ts'
import { cut } from '../../banners/banner-files.ts'

const IMPORTED_TABLES = ['click_minutes', 'click_quarters', 'click_days', 'click_imports', 'click_imported']

describe('an import of clicks', () => {
  let database: TestDatabase
  let client: pg.Client
  const others: pg.Client[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
  })
  afterEach(async () => {
    for (const each of [client, ...others.splice(0)]) await each.end()
    await database.drop()
  })

  const anotherClient = async () => {
    const another = await connect(database.server, 'clickcounter test')
    others.push(another)
    return another
  }
  const fileOf = (...lines: readonly string[]) =>
    readHistory(cut(Buffer.from(`${lines.join('\n')}\n`), []), { nowMs: Date.now() })
  const importLines = async (...lines: readonly string[]) =>
    await importClicks(client, await fileOf(...lines), { name: 'old.csv' })
  const setHistory = (columns: string) => database.query(`UPDATE click_history SET ${columns}`)
  /** Banner, time and clicks of each row, times in UTC. */
  const rowsOf = async (table: string, column: string) => {
    const rows = await database.query<{ row: string }>(
      `SELECT concat_ws(' ', banner_id, to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI'), clicks) AS row
       FROM ${table} ORDER BY banner_id, ${column}`,
    )
    return rows.map(({ row }) => row)
  }
  const minutes = () => rowsOf('click_minutes', 'minute')
  const quarters = () => rowsOf('click_quarters', 'quarter')
  const days = () => rowsOf('click_days', 'day')
  const imported = async () =>
    (
      await database.query<{ row: string }>(
        `SELECT concat_ws(' ', banner_id, to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI'), grain, clicked.clicks) AS row
         FROM click_imported AS clicked JOIN click_imports ON id = import_id ORDER BY 1`,
      )
    ).map(({ row }) => row)
  const everything = async () =>
    Promise.all(IMPORTED_TABLES.map(table => database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)))
  const messageOf = (failed: Promise<unknown>) =>
    failed.then(
      () => 'none',
      (error: Error) => error.message,
    )

  it('of minutes adds to minutes, and to the sums that have passed them', async () => {
    await database.storeMinutes("VALUES (7, timestamptz '2024-12-12 10:05Z', 3)")
    expect(
      await importLines(
        'clicks,minute,banner',
        '2,2024-12-12T10:05Z,7',
        '1,2024-12-12T10:14Z,7',
        '5,2024-11-30T23:59Z,7',
        '4,2024-12-12T10:15Z,6',
      ),
    ).to.equal(0)
    expect(await minutes()).to.deep.equal([
      '6 2024-12-12T10:15 4',
      '7 2024-11-30T23:59 5',
      '7 2024-12-12T10:05 5',
      '7 2024-12-12T10:14 1',
    ])
    expect(await quarters()).to.deep.equal([
      '6 2024-12-12T10:15 4',
      '7 2024-11-30T23:45 5',
      '7 2024-12-12T10:00 6',
    ])
    expect(await days()).to.deep.equal([
      '6 2024-12-12T00:00 4',
      '7 2024-11-30T00:00 5',
      '7 2024-12-12T00:00 6',
    ])
    expect(await imported()).to.deep.equal([])
  })

  it('of minutes that are not summed up yet adds to minutes alone', async () => {
    await setHistory("quarters_until = '2024-12-12 10:15Z', days_until = '2024-12-12 10:00Z'")
    await importLines('banner,minute,clicks', '7,2024-12-12T10:14Z,1', '7,2024-12-12T10:15Z,2')
    expect(await minutes()).to.have.lengthOf(2)
    expect(await quarters()).to.deep.equal(['7 2024-12-12T10:00 1'])
    expect(await days()).to.deep.equal([])
  })

  it('of hours adds to quarters and days, of days to days alone, and both are noted', async () => {
    await database.storeMinutes("VALUES (7, timestamptz '2024-12-12 10:05Z', 3)")
    const hours = await fileOf('banner,hour,clicks', '7,2024-12-12T10:00Z,10', '7,2024-12-12T11:00Z,20')
    const progress: number[] = []
    await importClicks(client, hours, { name: 'hours.csv', onProgress: rows => progress.push(rows) })
    expect(progress, 'noted, quarters, a day').to.deep.equal([2, 4, 5])
    await importLines('banner,day,clicks', '7,2024-12-12,100', '8,2023-01-01,200')
    expect(await minutes()).to.deep.equal(['7 2024-12-12T10:05 3'])
    expect(await quarters()).to.deep.equal(['7 2024-12-12T10:00 13', '7 2024-12-12T11:00 20'])
    expect(await days()).to.deep.equal(['7 2024-12-12T00:00 133', '8 2023-01-01T00:00 200'])
    expect(await imported()).to.deep.equal([
      '7 2024-12-12T00:00 day 100',
      '7 2024-12-12T10:00 hour 10',
      '7 2024-12-12T11:00 hour 20',
      '8 2023-01-01T00:00 day 200',
    ])
  })

  it('refuses hours and days that are not summed up yet, and names the line', async () => {
    await setHistory("quarters_until = '2024-12-12 10:15Z', days_until = '2024-12-12 10:00Z'")
    const before = await everything()
    expect(
      await messageOf(importLines('banner,hour,clicks', '7,2024-12-12T09:00Z,1', '7,2024-12-12T10:00Z,1')),
    ).to.match(
      /^line 3: the hour of 2024-12-12T10:00:00Z is not over, or its minutes are not summed up yet\. What ends up to 2024-12-12T10:00:00Z can be imported now/,
    )
    expect(await messageOf(importLines('banner,day,clicks', '7,2024-12-12,1'))).to.match(
      /^line 2: the day of 2024-12-12T00:00:00Z is not over/,
    )
    expect(await everything()).to.deep.equal(before)
    await importLines('banner,hour,clicks', '7,2024-12-12T09:00Z,1')
    await importLines('banner,day,clicks', '7,2024-12-11,1')
    expect(await days()).to.deep.equal(['7 2024-12-11T00:00 1', '7 2024-12-12T00:00 1'])
  })

  it('puts what is of dropped months into the coarser tables alone, and makes no partition for it', async () => {
    await setHistory("minutes_from = '2024-12-01Z', quarters_from = '2024-11-01Z'")
    const times = ['2024-10-31T23:00Z', '2024-11-30T23:00Z', '2024-12-01T00:00Z']
    const lines = times.map((time, index) => `7,${time},${10 ** index}`)
    expect(await importLines('banner,minute,clicks', ...lines)).to.equal(11)
    expect(await minutes()).to.deep.equal(['7 2024-12-01T00:00 100'])
    expect(await quarters()).to.deep.equal(['7 2024-11-30T23:00 10', '7 2024-12-01T00:00 100'])
    expect(await days()).to.deep.equal([
      '7 2024-10-31T00:00 1',
      '7 2024-11-30T00:00 10',
      '7 2024-12-01T00:00 100',
    ])
    expect(await importLines('banner,hour,clicks', ...lines)).to.equal(1)
    expect(await quarters()).to.deep.equal(['7 2024-11-30T23:00 20', '7 2024-12-01T00:00 200'])
    expect(await days()).to.deep.equal([
      '7 2024-10-31T00:00 2',
      '7 2024-11-30T00:00 20',
      '7 2024-12-01T00:00 200',
    ])
    const parts = await database.query<{ name: string }>(
      "SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r' ORDER BY 1",
    )
    expect(parts.map(({ name }) => name)).to.include.members([
      'click_minutes_2024_12',
      'click_quarters_2024_11',
    ])
    expect(parts.map(({ name }) => name)).not.to.include.oneOf([
      'click_minutes_2024_11',
      'click_quarters_2024_10',
    ])
  })

  it('of the same bytes is taken once, whatever their name', async () => {
    const lines = ['banner,day,clicks', '7,2024-12-12,5']
    await importLines(...lines)
    const before = await everything()
    const again = importClicks(client, await fileOf(...lines), { name: 'copy.csv' })
    expect(await messageOf(again)).to.match(
      /^this file was imported before: as old\.csv, at 20\d\d-\S+Z, with 5 clicks\. Nothing was changed$/,
    )
    expect(await everything()).to.deep.equal(before)
    await importLines(...lines, '')
    expect(await days()).to.deep.equal(['7 2024-12-12T00:00 10'])
  })

  it('of the same file twice at once is done once, and waits no longer than for the other one', async () => {
    const lines = [
      'banner,minute,clicks',
      ...Array.from({ length: 3000 }, (_, index) => `${index + 1},2024-12-12,1`),
    ]
    const files = await Promise.all(Array.from({ length: 4 }, () => fileOf(...lines)))
    const results = await Promise.allSettled(
      files.map(async (file, index) => importClicks(await anotherClient(), file, { name: `${index}.csv` })),
    )
    const failed = results.flatMap(result => (result.status === 'rejected' ? [result.reason.message] : []))
    expect(failed).to.have.lengthOf(3)
    for (const message of failed) expect(message).to.match(/^this file was imported before: as \d\.csv/)
    expect(await database.totalClicks()).to.equal(3000)
    expect(await database.query('SELECT FROM click_imports')).to.have.lengthOf(1)
  })

  it('of a file that is being imported is refused when that takes long', async () => {
    const lines = ['banner,day,clicks', '7,2024-12-12,5']
    const { sha256 } = await fileOf(...lines)
    const another = await anotherClient()
    await another.query('BEGIN')
    await another.query("INSERT INTO click_imports VALUES (gen_random_uuid(), $1, 'old.csv', now(), 1, 5)", [
      sha256,
    ])
    expect(await messageOf(importLines(...lines))).to.match(
      /^this file is being imported at the moment: nothing/,
    )
    await another.query('ROLLBACK')
    await client.query('ROLLBACK')
    await importLines(...lines)
    expect(await days()).to.deep.equal(['7 2024-12-12T00:00 5'])
  })

  it('lets flushes go on, and holds back those who sum up, until it is committed', async () => {
    const [blocker, flush, job] = [await anotherClient(), await anotherClient(), await anotherClient()]
    await ensureMonths(flush, 'minutes', [monthOf(Date.now() / 60_000)])
    await blocker.query('BEGIN; LOCK TABLE click_days IN SHARE MODE')
    const importing = importLines('banner,day,clicks', '7,2024-12-12,5')
    await until(async () => (await database.waiting()).length > 0)
    await beginWriting(flush, SERVICE_LIMITS, [SHARE_FLUSHES])
    const rows = newRows(1)
    rows.bannerIds[0] = 9
    rows.minutes[0] = Math.floor(Date.now() / 60_000)
    rows.clicks[0][0] = 1
    await addClicks(flush, rows, await readHistoryState(flush), { batchRows: 2000, pauseSeconds: 0 })
    await flush.query('COMMIT')
    expect(await database.totalClicks()).to.equal(1)
    await beginWriting(job, { ...SERVICE_LIMITS, lockMs: 50 })
    expect(await messageOf(job.query(STOP_FLUSHES))).to.match(/lock timeout/)
    await job.query('ROLLBACK')
    await blocker.query('COMMIT')
    await importing
    await job.query(`BEGIN; ${STOP_FLUSHES}; COMMIT`)
    expect(await days()).to.deep.equal(['7 2024-12-12T00:00 5'])
  })

  it('goes by the state behind the lock, not by the one that it has looked at before', async () => {
    const [blocker, job] = [await anotherClient(), await anotherClient()]
    await setHistory("quarters_until = '2024-12-12 10:15Z', days_until = '2024-12-12 10:15Z'")
    await blocker.query(`BEGIN; ${STOP_FLUSHES}`)
    const importing = importLines('banner,minute,clicks', '7,2024-12-12T10:15Z,5')
    await until(async () => (await database.waiting()).length > 0)
    await job.query(
      "UPDATE click_history SET quarters_until = '2024-12-12 10:30Z', days_until = '2024-12-12 10:30Z'",
    )
    await blocker.query('COMMIT')
    await importing
    expect(await quarters()).to.deep.equal(['7 2024-12-12T10:15 5'])
  })

  it('makes a month again that somebody has dropped since it looked', async () => {
    const blocker = await anotherClient()
    await ensureMonths(client, 'minutes', [monthOf(Date.parse('2024-12-01Z') / 60_000)])
    await blocker.query(`BEGIN; ${STOP_FLUSHES}`)
    const importing = importLines('banner,minute,clicks', '7,2024-12-12T10:15Z,5')
    await until(async () => (await database.waiting()).length > 0)
    await database.query('DROP TABLE click_minutes_2024_12')
    await blocker.query('COMMIT')
    await importing
    expect(await minutes()).to.deep.equal(['7 2024-12-12T10:15 5'])
    expect(await days()).to.deep.equal(['7 2024-12-12T00:00 5'])
  })
})
