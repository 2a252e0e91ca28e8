import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { raisedConditions } from '../../lib/books/conditions.ts'
import { CONTROL, DATABASE_UP } from '../../lib/memory/layout.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { ClickStream, cleanUpAfterTest, expectExactlyOnce, startFlushing } from './flush-support.ts'

interface Refusal {
  readonly title: string
  /** What causes it, and what mends it: statements of one session. */
  readonly begin: string
  readonly end: string
  readonly code: string
  /** The reason on /health, if there is one. */
  readonly reason?: string
}

const END_CONNECTION = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'clickcounter flush'`

const refusals: Refusal[] = [
  {
    title: 'that becomes read-only',
    begin: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',
              current_database()); END $$; ${END_CONNECTION}`,
    end: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only',
              current_database()); END $$`,
    code: '25006',
    reason: 'database_read_only',
  },
  {
    title: 'whose table is locked',
    begin: 'BEGIN; LOCK TABLE click_minutes',
    end: 'ROLLBACK',
    code: '55P03',
    reason: 'database_busy',
  },
  {
    title: 'whose column has another name',
    begin: 'ALTER TABLE click_minutes RENAME COLUMN clicks TO hits',
    end: 'ALTER TABLE click_minutes RENAME COLUMN hits TO clicks',
    code: '42703',
    reason: 'database_column',
  },
  {
    title: 'whose table has another name',
    begin: 'ALTER TABLE click_minutes RENAME TO click_hours',
    end: 'ALTER TABLE click_hours RENAME TO click_minutes',
    code: '42P01',
    reason: 'database_table',
  },
  {
    title: 'whose constraint the clicks violate',
    begin: 'ALTER TABLE click_minutes ADD CONSTRAINT none CHECK (clicks < 0) NOT VALID',
    end: 'ALTER TABLE click_minutes DROP CONSTRAINT none',
    code: '23514',
  },
  {
    title: 'that does not tell how far the minutes are summed up',
    begin: 'CREATE TABLE saved AS TABLE click_history; DELETE FROM click_history',
    end: 'INSERT INTO click_history SELECT * FROM saved; DROP TABLE saved',
    code: 'TABLE_HISTORY',
  },
]

describe('a database', () => {
  let database: TestDatabase
  let administrator: pg.Client
  before(async () => {
    database = await createTestDatabase()
    administrator = await connect(database.server, 'clickcounter test')
  })
  beforeEach(() => database.query('TRUNCATE click_minutes'))
  afterEach(cleanUpAfterTest)
  after(async () => {
    discard(administrator)
    await database.drop()
  })

  for (const { title, begin, end, code, reason } of refusals)
    it(`${title} costs no click: all are stored once that is mended`, async () => {
      const flushing = startFlushing(database.server)
      const reasons = () => raisedConditions(flushing.memory).map(({ name }) => name)
      const stream = new ClickStream(flushing)
      await until(() => flushing.balance().stored > 0)
      await administrator.query(begin)
      await until(() => flushing.lastError()?.startsWith(`${code}: `) ?? false)
      const databaseState = Atomics.load(flushing.memory.i32, CONTROL.databaseState)
      // Postgres is there, and refuses.
      expect(databaseState).to.equal(DATABASE_UP)
      expect(reasons()).to.deep.equal(reason === undefined ? [] : [reason])
      await administrator.query(end)
      const { accepted } = flushing.balance()
      await until(() => flushing.balance().stored > accepted)
      expect(flushing.lastError()).to.equal(null)
      expect(reasons()).to.deep.equal([])
      await stream.stop()
      await flushing.finish()
      expect(stream.refused).to.deep.equal([])
      await expectExactlyOnce(database, [stream])
    })
})
