import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { seededRandom } from '../support/random.ts'
import { until } from '../support/until.ts'
import {
  ClickStream,
  cleanUpAfterTest,
  expectExactlyOnce,
  printedSeed,
  startFlushing,
} from './flush-support.ts'

describe('a connection to Postgres that breaks', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  before(async () => {
    database = await createTestDatabase()
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

  /** Clicks until the condition holds. Over four flushers, since each one waits for its back-off after a fault. */
  async function clickUntil(condition: () => boolean): Promise<void> {
    const flushings = Array.from({ length: 4 }, () => startFlushing(proxy.server))
    const streams = flushings.map(flushing => new ClickStream(flushing))
    await until(condition)
    await Promise.all(streams.map(stream => stream.stop()))
    await Promise.all(flushings.map(flushing => flushing.finish()))
    expect(streams.flatMap(stream => stream.refused)).to.deep.equal([])
    await expectExactlyOnce(database, streams)
  }

  it('loses and doubles nothing when it is reset 100 times after COMMIT, before its answer', async () => {
    let commitCount = 0
    let rollbackCount = 0
    proxy.judge = ({ sql, stage }) => {
      if (sql === 'ROLLBACK' && stage === 'sent') rollbackCount++
      if (sql !== 'COMMIT' || stage !== 'answered') return 'pass'
      return ++commitCount <= 100 ? 'reset' : 'pass'
    }
    await clickUntil(() => commitCount >= 100)
    // Each batch was tried again, and Postgres had it.
    expect(rollbackCount).to.equal(100)
  })

  it('loses and doubles nothing when it is reset before COMMIT, every other time', async () => {
    let commitCount = 0
    proxy.judge = ({ sql, stage }) =>
      sql === 'COMMIT' && stage === 'sent' && ++commitCount <= 60 && commitCount % 2 === 0 ? 'reset' : 'pass'
    await clickUntil(() => commitCount >= 60)
  })

  it('loses and doubles nothing when it is reset at random, at any statement and any answer', async () => {
    const random = seededRandom(printedSeed('resets'))
    let resetCount = 0
    proxy.judge = () => {
      const isReset = resetCount < 50 && random(20) === 0
      if (isReset) resetCount++
      return isReset ? 'reset' : 'pass'
    }
    await clickUntil(() => resetCount === 50)
  })

  it('loses and doubles nothing when it is half open, which leaves a transaction and its locks at the server', async () => {
    let swallowedCount = 0
    proxy.judge = ({ sql, stage }) =>
      sql === 'COMMIT' && stage === 'sent' && ++swallowedCount <= 4 ? 'swallow' : 'pass'
    await clickUntil(() => swallowedCount >= 8)
  })
})
