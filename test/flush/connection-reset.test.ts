import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type PostgresProxy, startPostgresProxy, type Verdict } from '../support/proxy.ts'
import { ClickStream, expectExactlyOnce, startFlushing, until } from './flush-support.ts'

describe('a connection that breaks', () => {
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
  after(async () => {
    await proxy.close()
    await database.drop()
  })

  const resets = [
    { when: 'after COMMIT, its answer lost', stage: 'answered', sql: /^COMMIT/, times: 100 },
    { when: 'before COMMIT', stage: 'sent', sql: /^COMMIT/, times: 20 },
    { when: 'between the ledger and the clicks', stage: 'answered', sql: /click_ledger/, times: 20 },
    { when: 'at BEGIN', stage: 'sent', sql: /^BEGIN/, times: 20 },
  ] as const
  for (const { when, stage, sql, times } of resets)
    it(`loses and doubles nothing, reset ${times} times ${when}`, async () => {
      let resetCount = 0
      proxy.judge = (passage): Verdict => {
        const isReset = passage.stage === stage && sql.test(passage.sql) && resetCount < times
        if (isReset) resetCount++
        return isReset ? 'reset' : 'pass'
      }
      // Four of them, since each waits for its back-off after every reset.
      const flushings = Array.from({ length: 4 }, () => startFlushing(proxy.server))
      const streams = flushings.map(flushing => new ClickStream(flushing))
      await until(() => resetCount === times)
      await Promise.all(streams.map(stream => stream.stop()))
      await Promise.all(flushings.map(flushing => flushing.finish()))
      expect(streams.flatMap(stream => stream.refused)).to.deep.equal([])
      await expectExactlyOnce(database, streams)
    })
})
