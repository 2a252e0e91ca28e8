import { expect } from 'chai'
import type pg from 'pg'
import { connect } from '../../../db/connection/connect.ts'
import { commit } from '../../../db/connection/transaction.ts'
import { ensureMonths } from '../../../db/history/months.ts'
import { type RollUpKind, rollUp } from '../../../db/history/roll-up.ts'
import { StepSize } from '../../../db/history/step-size.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { beginAt, beginFlush, flush, historyOf, minuteOf, sumsIn, wrongSums } from './history-support.ts'

const AIM_MS = 100
const NOTHING_WRONG = { quarters: 0, days: 0 }

describe('a step of the roll-ups', () => {
  let database: TestDatabase
  let client: pg.Client
  let other: pg.Client
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    other = await connect(database.server, 'clickcounter test')
    const times = ['2019-10-01T00:00', '2019-11-01T00:00', '2024-12-01T00:00']
    await ensureMonths(client, 'minutes', times.map(minuteOf))
    await ensureMonths(client, 'quarters', [minuteOf('2024-12-01T00:00')])
  })
  after(async () => {
    await Promise.all([client.end(), other.end()])
    await database.drop()
  })
  beforeEach(async () => {
    await database.query('TRUNCATE click_minutes, click_quarters, click_days')
    await beginAt(database, '2024-12-12T23:30')
  })

  function step(kind: RollUpKind, now: string, size = new StepSize(AIM_MS), by = client, waitMs = 200) {
    return rollUp(by, kind, { size, waitMs, nowMinute: minuteOf(now) })
  }

  /** For the lock of flushes. */
  const isStepWaiting = async () => (await database.waiting()).length === 1

  it('sums up a quarter three minutes after its end, and adds it to its day', async () => {
    await flush(client, [
      [1, minuteOf('2024-12-12T23:30'), 1, 2],
      [1, minuteOf('2024-12-12T23:44'), 4, 0, 8],
      [1, minuteOf('2024-12-12T23:45'), 16],
      [2, minuteOf('2024-12-13T00:01'), 32],
    ])
    expect(await step('quarters', '2024-12-12T23:47')).to.equal('idle')
    expect(await step('quarters', '2024-12-12T23:48')).to.equal('done')
    expect(await sumsIn(database, 'click_quarters')).to.deep.equal(['1 2024-12-12T23:30 5 2 8'])
    expect(await sumsIn(database, 'click_days')).to.deep.equal([])
    expect(await historyOf(database)).to.deep.equal(['2024-12-12T23:45', '2024-12-12T23:30', null, null])

    expect(await step('days', '2024-12-12T23:48')).to.equal('done')
    expect(await step('days', '2024-12-12T23:48'), 'not before the quarters').to.equal('idle')
    for (const kind of ['quarters', 'quarters', 'days', 'days'] as const)
      expect(await step(kind, '2024-12-13T00:18')).to.equal('done')
    expect(await sumsIn(database, 'click_days')).to.deep.equal([
      '1 2024-12-12T00:00 21 2 8',
      '2 2024-12-13T00:00 32 0 0',
    ])
    expect(await historyOf(database)).to.deep.equal(['2024-12-13T00:15', '2024-12-13T00:15', null, null])
    expect(await wrongSums(database)).to.include(NOTHING_WRONG)
  })

  it('leaves to late clicks what it has passed, and takes the others', async () => {
    await flush(client, [[1, minuteOf('2024-12-12T23:30'), 1]])
    for (const kind of ['quarters', 'days'] as const) await step(kind, '2024-12-12T23:48')
    await flush(client, [
      [1, minuteOf('2024-12-12T23:30'), 2],
      [1, minuteOf('2024-12-12T23:50'), 4],
      [2, minuteOf('2024-12-12T23:31'), 8],
    ])
    expect(await sumsIn(database, 'click_days')).to.have.length(2)
    for (const kind of ['quarters', 'days'] as const) await step(kind, '2024-12-13T00:03')
    expect(await sumsIn(database, 'click_days')).to.deep.equal([
      '1 2024-12-12T00:00 7 0 0',
      '2 2024-12-12T00:00 8 0 0',
    ])
    expect(await wrongSums(database)).to.include(NOTHING_WRONG)
  })

  it('takes several quarters, over midnight and the end of a month, whose partition it makes', async () => {
    await beginAt(database, '2019-10-31T22:00')
    const times = ['2019-10-31T22:10', '2019-10-31T23:59', '2019-11-01T00:00', '2019-11-01T01:14']
    await flush(
      client,
      times.map(time => [1, minuteOf(time), 1]),
    )
    const size = new StepSize(AIM_MS)
    for (let quarters = 1; quarters < 16; quarters *= 2) size.took(quarters, 1)
    expect(size.quarters).to.equal(16)
    expect(await step('quarters', '2019-11-01T03:00', size), 'the months are missing').to.equal('undone')
    expect(await step('quarters', '2019-11-01T03:00', size)).to.equal('done')
    expect(await step('days', '2019-11-01T03:00', size)).to.equal('done')
    expect(await historyOf(database)).to.deep.equal(['2019-11-01T02:00', '2019-11-01T02:00', null, null])
    expect(await sumsIn(database, 'click_days')).to.deep.equal([
      '1 2019-10-31T00:00 2 0 0',
      '1 2019-11-01T00:00 2 0 0',
    ])
    expect(await wrongSums(database)).to.include(NOTHING_WRONG)
  })

  it('gives up after 200 ms when somebody adds clicks for longer, and has changed nothing', async () => {
    await beginFlush(other, [[1, minuteOf('2024-12-12T23:30'), 1]])
    const startedAtMs = performance.now()
    expect(await step('quarters', '2024-12-12T23:48')).to.equal('busy')
    expect(performance.now() - startedAtMs).to.be.within(190, 1000)
    await commit(other)
    expect(await historyOf(database)).to.deep.equal(['2024-12-12T23:30', '2024-12-12T23:30', null, null])
    expect(await step('quarters', '2024-12-12T23:48')).to.equal('done')
    expect(await wrongSums(database)).to.include(NOTHING_WRONG)
  })

  it('does not wait for another job', async () => {
    const third = await connect(database.server, 'clickcounter test')
    await beginFlush(other, [])
    const options = { size: new StepSize(AIM_MS), waitMs: 5000, nowMinute: minuteOf('2024-12-12T23:48') }
    const waiting = rollUp(client, 'quarters', options)
    await until(isStepWaiting)
    expect(await rollUp(third, 'quarters', options)).to.equal('another job')
    await commit(other)
    expect(await waiting).to.equal('done')
    await third.end()
  })

  it('is undone when several quarters take too long, and then takes one, however long it takes', async () => {
    await flush(client, [[1, minuteOf('2024-12-12T23:30'), 1]])
    await database.query(`
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.28); RETURN new; END $$;
      CREATE TRIGGER slow BEFORE INSERT ON click_quarters FOR EACH ROW EXECUTE FUNCTION slow()`)
    const size = new StepSize(AIM_MS)
    for (const waitMs of [200, 3000]) {
      size.took(2, 1)
      expect(size.quarters).to.equal(4)
      expect(await step('quarters', '2024-12-13T12:00', size, client, waitMs), `${waitMs}`).to.equal('undone')
      expect(await historyOf(database)).to.have.property('0', '2024-12-12T23:30')
    }
    expect(await step('quarters', '2024-12-13T12:00', size)).to.equal('done')
    expect(await historyOf(database)).to.have.property('0', '2024-12-12T23:45')
    await database.query('DROP TRIGGER slow ON click_quarters; DROP FUNCTION slow')
  })

  it('reads what was stored while it waited, also with a role that is serializable by default', async () => {
    await database.query(
      `DO $$ BEGIN EXECUTE format('ALTER ROLE %I IN DATABASE %I SET default_transaction_isolation = serializable',
         current_user, current_database()); END $$`,
    )
    const serializable = await connect(database.server, 'clickcounter test')
    const { rows } = await serializable.query('SHOW transaction_isolation')
    expect(rows[0]).to.deep.equal({ transaction_isolation: 'serializable' })
    await beginFlush(other, [[1, minuteOf('2024-12-12T23:30'), 1]])
    const options = { size: new StepSize(AIM_MS), waitMs: 5000, nowMinute: minuteOf('2024-12-12T23:48') }
    const stepping = rollUp(serializable, 'quarters', options)
    await until(isStepWaiting)
    await commit(other)
    expect(await stepping).to.equal('done')
    await flush(serializable, [[1, minuteOf('2024-12-12T23:31'), 2]])
    expect(await sumsIn(database, 'click_quarters')).to.deep.equal(['1 2024-12-12T23:30 3 0 0'])
    await serializable.end()
  })
})
