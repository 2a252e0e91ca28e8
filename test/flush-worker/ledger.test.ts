import { randomUUID } from 'node:crypto'
import { mock } from 'node:test'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { endWriter } from '../../lib/flush-worker/ledger.ts'
import { type Batch, batchOf } from '../../lib/rows/batch.ts'
import {
  ClickStream,
  cleanUpAfterTest,
  expectExactlyOnce,
  startFlushing,
  storeAs,
} from '../flush/flush-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { rowsFrom } from '../support/rows.ts'
import { until } from '../support/until.ts'

const MINUTE = 28_000_000

describe('the ledger', () => {
  let database: TestDatabase
  let clients: pg.Client[]
  before(async () => {
    database = await createTestDatabase()
    clients = await Promise.all(
      Array.from({ length: 4 }, () => connect(database.server, 'clickcounter test')),
    )
  })
  beforeEach(() => database.query('TRUNCATE click_minutes, click_ledger'))
  afterEach(cleanUpAfterTest)
  after(async () => {
    clients.forEach(discard)
    await database.drop()
  })

  const client = () => clients[0]!

  it('lets a generation in once, an older one not at all, and a newer one', async () => {
    const writer = randomUUID()
    const steps = [
      { generation: 5, clicks: 1, total: 1 },
      { generation: 5, clicks: 1, total: 1 },
      { generation: 4, clicks: 10, total: 1 },
      { generation: 6, clicks: 100, total: 101 },
      { generation: 2 ** 40, clicks: 1000, total: 1101 },
    ]
    for (const { generation, clicks, total } of steps) {
      await storeAs(client(), writer, batch(generation, 1, clicks))
      expect(await database.totalClicks(), `after generation ${generation}`).to.equal(total)
    }
    expect(await database.query('SELECT writer, generation FROM click_ledger')).to.deep.equal([
      { writer, generation: String(2 ** 40) },
    ])
  })

  it('keeps writers apart', async () => {
    for (let writer = 0; writer < 3; writer++) await storeAs(client(), randomUUID(), batch(1, 1))
    expect(await database.totalClicks()).to.equal(3)
  })

  const outcomes = [
    { end: 'COMMIT', total: 1 },
    { end: 'ROLLBACK', total: 10 },
  ]
  for (const { end, total } of outcomes)
    it(`has a second try wait for the first one's outcome: ${end}`, async () => {
      const writer = randomUUID()
      const [first, second] = clients as [pg.Client, pg.Client]
      // The first try, whose client has been given up on, up to its end.
      const upToEnd = {
        query: (...call: [string, unknown[]?]) => call[0] !== 'COMMIT' && first.query(...call),
      }
      await storeAs(upToEnd as unknown as pg.Client, writer, batch(1, 1)).catch(() => {})
      const secondTry = storeAs(second, writer, batch(1, 1, 10))
      await until(async () => (await database.waiting()).length === 1)
      await first.query(end)
      await secondTry
      expect(await database.totalClicks()).to.equal(total)
    })

  it('remembers writers that have ended by the clock of the database, whatever an instance takes for now', async () => {
    for (const days of [0, 89, 91])
      await database.query(
        `INSERT INTO click_ledger VALUES (gen_random_uuid(), ${days}, now(), NULL, 0, now() - interval '${days} days')`,
      )
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 400 * 86_400_000 })
    try {
      await endWriter(client(), randomUUID())
    } finally {
      mock.timers.reset()
    }
    const left = await database.query<{ generation: string }>(
      'SELECT generation FROM click_ledger ORDER BY generation',
    )
    expect(left.map(({ generation }) => generation)).to.deep.equal(['0', '89'])
  })

  it('does not take COMMIT for done when it is answered with ROLLBACK', async () => {
    const database = randomUUID()
    const rows = [
      { database, quartersUntil: 0, daysUntil: 0, previous_generation: null, clicks: 1, id: database },
    ]
    const answers = { query: async () => ({ rows, command: 'ROLLBACK' }) }
    const error = await storeAs(answers as unknown as pg.Client, randomUUID(), batch(1, 1)).then(
      () => null,
      (error: Error) => error,
    )
    expect(error?.message).to.equal('COMMIT was answered with ROLLBACK')
  })

  it('takes four writers at once with the same banners, in many statements each, without a deadlock', async () => {
    const rounds = 100
    const rows = 100
    await Promise.all(
      clients.map(async client => {
        const writer = randomUUID()
        for (let generation = 1; generation <= rounds; generation++)
          await storeAs(client, writer, batch(generation, rows), 20)
      }),
    )
    const [sums] = await database.query(
      'SELECT count(*)::int, min(clicks)::int, max(clicks)::int FROM click_minutes',
    )
    expect(sums).to.deep.equal({ count: rows, min: 4 * rounds, max: 4 * rounds })
  })

  it('may be away for a while under load', async () => {
    const flushing = startFlushing(database.server)
    const stream = new ClickStream(flushing)
    await until(() => flushing.balance().stored > 100)
    await database.query('ALTER TABLE click_ledger RENAME TO away')
    await until(() => flushing.lastError()?.startsWith('42P01') ?? false)
    await database.query('ALTER TABLE away RENAME TO click_ledger')
    const { accepted } = flushing.balance()
    await until(() => flushing.balance().stored > accepted)
    await stream.stop()
    await flushing.finish()
    expect(stream.refused).to.deep.equal([])
    await expectExactlyOnce(database, [stream])
  })
})

/** Banners 1, 2, … with as many clicks each. */
function batch(generation: number, rows: number, clicks = 1): Batch {
  return batchOf(generation, rowsFrom(Array.from({ length: rows }, (_, row) => [row + 1, MINUTE, clicks])))
}
