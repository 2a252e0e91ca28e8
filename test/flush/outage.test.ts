import { expect } from 'chai'
import { ensureMonths, monthOf } from '../../db/history/months.ts'
import { CONTROL, MAX_SLOT_CLICKS } from '../../lib/memory/layout.ts'
import { newRows, rowsBytes } from '../../lib/rows/rows.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../support/database.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { until } from '../support/until.ts'
import { ClickStream, cleanUpAfterTest, expectExactlyOnce, startFlushing } from './flush-support.ts'

const NOW_MS = Date.parse('2024-12-12T10:00:30Z')

describe('while Postgres is away', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  before(async () => {
    database = await createTestDatabase()
    // Making the month would be one more transaction.
    await withClient(database.server, client => ensureMonths(client, 'minutes', [monthOf(NOW_MS / 60_000)]))
    proxy = await startPostgresProxy(database.server)
  })
  beforeEach(async () => {
    await database.query('TRUNCATE click_minutes')
    proxy.judge = () => 'pass'
  })
  afterEach(cleanUpAfterTest)
  after(async () => {
    await proxy.close()
    await database.drop()
  })

  const storedClicks = () =>
    database.query('SELECT banner_id, minute, clicks FROM click_minutes ORDER BY banner_id, minute')

  it('generations are merged: an outage costs memory by banner and minute, and few transactions', async () => {
    const flushing = startFlushing(proxy.server, { now: () => NOW_MS, maxBacklogBytes: 16 * 25 })
    proxy.cut()
    const first = flushing.generations.current
    for (let click = 0; flushing.generations.current < first + 30; click++)
      await flushing.record(1 + (click % 10))
    let commitCount = 0
    proxy.judge = ({ sql, stage }) => {
      if (sql === 'COMMIT' && stage === 'answered') commitCount++
      return 'pass'
    }
    proxy.restore()
    const { accepted } = flushing.balance()
    await flushing.finish()
    expect(await database.totalClicks()).to.equal(accepted)
    // The batch that was tried, and the one of all that waited behind it.
    expect(commitCount).to.be.within(1, 2)
  })

  it('clicks are refused when the backlog is full, never miscounted, and taken again afterwards', async () => {
    const maxBanners = 512
    const maxBacklogRows = 1000
    const flushing = startFlushing(proxy.server, {
      maxBanners,
      maxBacklogBytes: rowsBytes(newRows(maxBacklogRows)),
    })
    const stream = new ClickStream(flushing)
    await until(() => flushing.balance().stored > 0)
    proxy.cut()
    await until(() => Atomics.load(flushing.memory.i32, CONTROL.backlogIsFull) === 1)
    const refusedBefore = stream.refused.length
    await until(() => stream.refused.length > refusedBefore + 100)
    const { accepted, pending } = flushing.balance()
    // The budget, the generation that exceeded it, and the one in the ring, with two minutes each at most.
    expect(pending).to.be.within(maxBacklogRows, maxBacklogRows + 2 * 2 * maxBanners)
    proxy.restore()
    await until(() => flushing.balance().stored > accepted)
    const { length } = stream.acknowledged
    await until(() => stream.acknowledged.length > length + 1000)
    await stream.stop()
    await flushing.finish()
    await expectExactlyOnce(database, [stream])
  })

  it('a banner may have more clicks in a minute than a slot can hold: they are exact to the last one', async () => {
    const flushing = startFlushing(proxy.server, { now: () => NOW_MS, intervalMs: 3_600_000 })
    proxy.cut()
    for (let generation = 0; generation < 5; generation++) await flushing.record(7, MAX_SLOT_CLICKS)
    proxy.restore()
    await flushing.finish()
    expect(await storedClicks()).to.deep.equal([
      { banner_id: '7', minute: new Date('2024-12-12T10:00:00Z'), clicks: String(5 * MAX_SLOT_CLICKS) },
    ])
  })
})

describe('a slot that would pass 2^31 − 1', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  afterEach(cleanUpAfterTest)
  after(() => database.drop())

  it('is flushed at once, and what does not fit in time is refused, not miscounted', async () => {
    // The only flush is the one that the slot asks for.
    const flushing = startFlushing(database.server, { now: () => NOW_MS, intervalMs: 3_600_000 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, click) => flushing.record(7, 2 ** 30 + click)),
    )
    for (let click = 0; click < 4; click++) outcomes.push(await settled(flushing.record(7, 2 ** 30)))
    await flushing.finish()
    const acknowledged = outcomes.reduce(
      (sum, { status }, click) => sum + (status === 'fulfilled' ? 2 ** 30 + (click < 12 ? click : 0) : 0),
      0,
    )
    expect(acknowledged).to.be.above(4 * 2 ** 30)
    expect(outcomes.some(({ status }) => status === 'rejected')).to.equal(true)
    expect(await database.totalClicks()).to.equal(acknowledged)
  })
})

async function settled(promise: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [outcome] = await Promise.allSettled([promise])
  return outcome
}
