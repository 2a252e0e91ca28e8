import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { cleanUpAfterTest, startFlushing } from './flush-support.ts'

const WRITERS = 4
const BANNERS = 20_000
/** Long: no flush comes before all flushers have their clicks. */
const INTERVAL_MS = 1000

describe('flushes of several instances with the same banners', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(async () => {
    await cleanUpAfterTest()
    await database.drop()
  })

  it('all end without a failure, and none pauses while it has rows locked that others wait for', async () => {
    expect(await pausesDuringFlushes(WRITERS, false)).to.equal(0)
    expect(
      await database.query('SELECT min(clicks)::int, max(clicks)::int FROM click_minutes'),
    ).to.deep.equal([{ min: WRITERS, max: WRITERS }])
  })

  it('pause where the database has no other writer', async () => {
    expect(await pausesDuringFlushes(1, true)).to.be.above(0)
  })

  /** How often a statement was found asleep in Postgres. */
  async function pausesDuringFlushes(writers: number, isDatabaseOurs: boolean): Promise<number> {
    const flushings = Array.from({ length: writers }, () =>
      startFlushing(database.server, {
        intervalMs: INTERVAL_MS,
        isDatabaseOurs,
        now: () => 28_000_000 * 60_000,
      }),
    )
    for (const { record } of flushings)
      await Promise.all(Array.from({ length: BANNERS }, (_, banner) => record(banner + 1)))
    let pauses = 0
    await until(async () => {
      const [{ sleeping }] = (await database.query(
        `SELECT count(*)::int AS sleeping FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      )) as [{ sleeping: number }]
      pauses += sleeping
      await setTimeout(5)
      for (const { lastError } of flushings) expect(lastError()).to.equal(null)
      return flushings.every(({ balance }) => balance().pending === 0)
    })
    for (const { finish } of flushings) await finish()
    return pauses
  }
})
