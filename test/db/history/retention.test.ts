import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, openPool } from '../../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../../db/connection/transaction.ts'
import { ensureMonths, MONTHLY_TABLES } from '../../../db/history/months.ts'
import { dropTakenOff, findExpired, takeOff } from '../../../db/history/retention.ts'
import { Snapshot } from '../../../db/stats/snapshot.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { rowsOf } from '../../support/entries.ts'
import { beginAt, flush, historyOf, minuteOf, sumsIn } from './history-support.ts'

const MONTHS = ['2024-10', '2024-11', '2024-12']
const NOW = minuteOf('2025-01-01T00:30')
/** For all that comes in the way: more than a flush may be held back. */
const FLUSH_MS = 300

describe('the retention', () => {
  let database: TestDatabase
  let client: pg.Client
  let other: pg.Client
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    other = await connect(database.server, 'clickcounter test')
    await beginAt(database, '2025-01-01T00:00')
    for (const table of MONTHLY_TABLES)
      await ensureMonths(
        client,
        table,
        MONTHS.map(month => minuteOf(`${month}-01T00:00`)),
      )
    await flush(
      client,
      MONTHS.map(month => [1, minuteOf(`${month}-12T10:00`), 1]),
    )
  })
  afterEach(async () => {
    await Promise.all([client.end(), other.end()])
    await database.drop()
  })

  /** Names of what expires and is taken off, one after the other. */
  async function takeAllOff(minutesDays: number, quartersDays: number): Promise<string[]> {
    const names: string[] = []
    for (;;) {
      const expired = await findExpired(client, { minutesDays, quartersDays }, NOW)
      if (expired === null) return names
      expect(await takeOff(client, expired)).to.equal('done')
      names.push(expired.name)
    }
  }

  const dropAll = async () => (await dropTakenOff(client)).dropped.map(({ name }) => name)

  const tables = async () =>
    (
      await database.query<{ relname: string }>(
        `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^click_(minutes|quarters)_20' ORDER BY 1`,
      )
    ).map(({ relname }) => relname)

  it('takes off and drops whole months that are old enough, and remembers from when on clicks are kept', async () => {
    expect(await takeAllOff(0, 0)).to.deep.equal([])
    expect(await takeAllOff(32, 0), '32 days ago it was November').to.deep.equal(['click_minutes_2024_10'])
    expect(await takeAllOff(31, 61)).to.deep.equal(['click_minutes_2024_11', 'click_quarters_2024_10'])
    expect(await historyOf(database)).to.deep.equal([
      ...['2025-01-01T00:00', '2025-01-01T00:00'],
      ...['2024-12-01T00:00', '2024-11-01T00:00'],
    ])
    const { dropped } = await dropTakenOff(client)
    expect(dropped.map(({ name }) => name)).to.deep.equal([
      'click_minutes_2024_10_dropped',
      'click_minutes_2024_11_dropped',
      'click_quarters_2024_10_dropped',
    ])
    expect(dropped[0]!.bytes).to.be.above(8000)
    expect(await tables()).to.include.members(['click_minutes_2024_12', 'click_quarters_2024_11'])
    expect((await tables()).filter(name => name.endsWith('_dropped'))).to.deep.equal([])
    expect(await sumsIn(database, 'click_days'), 'days stay').to.have.length(3)
  })

  it('drops nothing that is not in the days, though it is older', async () => {
    await beginAt(database, '2024-11-30T23:45')
    expect(await takeAllOff(1, 1)).to.deep.equal(['click_minutes_2024_10', 'click_quarters_2024_10'])
    await database.query("UPDATE click_history SET quarters_until = '2024-12-01T00:00Z'")
    expect(await takeAllOff(1, 1), 'the quarters are, and the days are not').to.deep.equal([])
    await beginAt(database, '2024-12-01T00:00')
    expect(await takeAllOff(1, 1)).to.deep.equal(['click_minutes_2024_11', 'click_quarters_2024_11'])
  })

  it('keeps quarters as long as there are minutes from before their end', async () => {
    expect(await takeAllOff(0, 31), 'the settings of no instance').to.deep.equal([])
    expect(await historyOf(database)).to.have.property('3', null)
  })

  it('takes the part that was there before there were months as a whole', async () => {
    for (const statement of [
      'ALTER TABLE click_minutes DETACH PARTITION click_minutes_2024_10',
      'ALTER TABLE click_minutes DETACH PARTITION click_minutes_2024_11',
      'DROP TABLE click_minutes_2024_11',
      'ALTER TABLE click_minutes_2024_10 RENAME TO click_minutes_released',
      "ALTER TABLE click_minutes ATTACH PARTITION click_minutes_released FOR VALUES FROM (MINVALUE) TO ('2024-12-01Z')",
    ])
      await database.query(statement)
    expect(await takeAllOff(32, 32)).to.deep.equal([])
    expect(await takeAllOff(31, 61)).to.deep.equal(['click_minutes_released', 'click_quarters_2024_10'])
    expect(await historyOf(database)).to.have.property('2', '2024-12-01T00:00')
    expect(await dropAll()).to.include('click_minutes_released_dropped')
  })

  for (const isDropped of [true, false])
    it(`takes off a month made again, whose first table is ${isDropped ? 'dropped' : 'still there'}, and keeps no more for it`, async () => {
      expect(await takeAllOff(31, 31)).to.have.length(4)
      const before = await historyOf(database)
      expect(before.slice(2)).to.deep.equal(['2024-12-01T00:00', '2024-12-01T00:00'])
      if (isDropped) await dropTakenOff(client)
      for (const table of MONTHLY_TABLES) await ensureMonths(client, table, [minuteOf('2024-10-01T00:00')])
      expect(await takeAllOff(31, 31)).to.deep.equal(['click_minutes_2024_10', 'click_quarters_2024_10'])
      expect(await historyOf(database)).to.deep.equal(before)
      await dropTakenOff(client)
      expect(await tables()).to.deep.equal(['click_minutes_2024_12', 'click_quarters_2024_12'])
    })

  it('adds a click of a time that is not kept to the coarser tables alone', async () => {
    await takeAllOff(31, 61)
    const before = await database.totalClicks()
    await flush(client, [
      [2, minuteOf('2024-10-12T10:00'), 1],
      [2, minuteOf('2024-11-12T10:00'), 1],
    ])
    expect(await database.totalClicks()).to.equal(before)
    expect((await sumsIn(database, 'click_quarters')).filter(row => row.startsWith('2 '))).to.deep.equal([
      '2 2024-11-12T10:00 1 0 0',
    ])
    expect((await sumsIn(database, 'click_days')).filter(row => row.startsWith('2 '))).to.have.length(2)
  })

  it('gives up when somebody reads for long, and holds no flush back for 300 ms', async () => {
    const expired = (await findExpired(client, { minutesDays: 31, quartersDays: 0 }, NOW))!
    for (const read of ['SELECT count(*) FROM click_minutes', 'SELECT count(*) FROM click_minutes_2024_10']) {
      await other.query('BEGIN')
      await other.query(read)
      const alone = await besideFlushes(() => delay(200, 'over'))
      const { outcome, slowestMs } = await besideFlushes(() => takeOff(client, expired))
      expect(outcome, read).to.equal('busy')
      expect(slowestMs - alone.slowestMs, read).to.be.below(FLUSH_MS)
      await other.query('ROLLBACK')
    }
    expect(await historyOf(database)).to.have.property('2', null)
    expect(await takeAllOff(32, 0)).to.deep.equal(['click_minutes_2024_10'])
  })

  it('takes nothing off under a question that has read what is kept', async () => {
    const pool = openPool(database.server, 'clickcounter test', 1)
    using question = new Snapshot(await pool.connect())
    expect((await question.begin(SERVICE_LIMITS)).minutesFrom).to.equal(null)
    const expired = (await findExpired(client, { minutesDays: 31, quartersDays: 0 }, NOW))!
    expect(await takeOff(client, expired)).to.equal('busy')
    const october = { from: minuteOf('2024-10-01T00:00'), to: minuteOf('2024-11-01T00:00') }
    const { entries } = await question.readMinutes(1, october)
    expect(rowsOf(entries).map(([, total]) => total)).to.deep.equal(['1'])
    await question.end()
    expect(await takeOff(client, expired)).to.equal('done')
    void pool.end()
  })

  /** Flushes all the time meanwhile, and resolves with how long the slowest of them took. */
  async function besideFlushes(work: () => Promise<string>) {
    const flusher = await connect(database.server, 'clickcounter test')
    let isOver = false
    let slowestMs = 0
    const flushes = (async () => {
      while (!isOver) {
        const startedAtMs = performance.now()
        await flush(flusher, [[1, minuteOf('2024-12-12T10:00'), 1]])
        slowestMs = Math.max(slowestMs, performance.now() - startedAtMs)
      }
    })()
    const outcome = await work()
    isOver = true
    await flushes
    await flusher.end()
    return { outcome, slowestMs }
  }

  it('drops what a process has taken off before it died, unless somebody reads it, and nothing else', async () => {
    await takeAllOff(31, 0)
    await database.query('CREATE TABLE click_minutes_2023_01_archive (LIKE click_minutes)')
    await database.query('ALTER TABLE click_minutes DETACH PARTITION click_minutes_2024_12')
    await other.query('BEGIN')
    await other.query('SELECT FROM click_minutes_2024_10_dropped')
    expect(await dropAll()).to.deep.equal(['click_minutes_2024_11_dropped'])
    await other.query('ROLLBACK')
    expect(await dropAll()).to.deep.equal(['click_minutes_2024_10_dropped'])
    expect(await tables()).to.include.members(['click_minutes_2023_01_archive', 'click_minutes_2024_12'])
  })

  it('drops the others when something depends on a table, or it is not its own, and that one once it can', async () => {
    const of = (month: string) => `click_minutes_2024_${month}_dropped`
    await database.query('CREATE VIEW report AS SELECT count(*) FROM click_minutes_2024_10')
    expect(await takeAllOff(31, 0)).to.have.length(2)
    const { dropped, refused } = await dropTakenOff(client)
    expect(dropped.map(({ name }) => name)).to.deep.equal([of('11')])
    expect(refused.map(({ table, error }) => [table.name, error.code])).to.deep.equal([[of('10'), '2BP01']])
    expect(refused[0]!.error.detail).to.equal(`view report depends on table ${of('10')}`)
    await database.query('DROP VIEW report')

    const role = `stranger_${process.pid}`
    await database.query(`CREATE ROLE ${role}`)
    await client.query(`SET ROLE ${role}`)
    const asStranger = await dropTakenOff(client)
    await client.query('RESET ROLE')
    await database.query(`DROP ROLE ${role}`)
    expect(asStranger.refused.map(({ table, error }) => [table.name, error.code])).to.deep.equal([
      [of('10'), '42501'],
    ])
    expect(await dropAll()).to.deep.equal([of('10')])
  })

  it('works with instances that keep clicks for different times: none takes off what another one has', async () => {
    const expired = (await findExpired(other, { minutesDays: 31, quartersDays: 0 }, NOW))!
    expect(await takeAllOff(32, 0)).to.deep.equal(['click_minutes_2024_10'])
    expect(await takeOff(other, expired)).to.equal('gone')
    expect(await takeAllOff(0, 0)).to.deep.equal([])
    expect(await takeAllOff(31, 0)).to.deep.equal(['click_minutes_2024_11'])
  })
})
