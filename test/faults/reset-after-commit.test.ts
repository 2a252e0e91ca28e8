import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import { urlOf } from '../../db/embedded/url-file.ts'
import { SHARE_FLUSHES } from '../../db/history/locks.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { untilAllStored } from '../support/health.ts'
import { startServiceProcess, stopService } from '../support/process.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { until } from '../support/until.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { scaled } from './scale.ts'

/** All at once, because each one waits for its back-off after a reset. */
const SERVICES = 4
/** Leaves some tens of clicks for each flush. Without it, clicks take both processors, and the resets wait for them. */
const PAUSE_MS = 2

describe('a connection that is reset after COMMIT, before its answer', function () {
  this.timeout(scaled(60_000, 600_000))
  let database: TestDatabase
  let proxy: PostgresProxy
  before(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
  })
  after(async () => {
    await proxy.close()
    await database.drop()
  })

  it('costs no click and doubles none', async () => {
    const resets = scaled(200, 2000)
    let commits = 0
    let resetsDone = 0
    let rollbacks = 0
    const oracle = new Oracle()
    const services = await Promise.all(
      Array.from({ length: SERVICES }, () =>
        startServiceProcess({
          ...CLASSED,
          DATABASE_URL: urlOf(proxy.server),
          CLICK_FLUSHER_INTERVAL: '0.05',
          SERVER_THREADS: '1',
        }),
      ),
    )
    proxy.judge = ({ sql, stage, begin }) => {
      // Readings of banners and steps of the roll-ups end with a COMMIT or a ROLLBACK, too.
      const isFlush = begin.includes(SHARE_FLUSHES)
      if (sql === 'ROLLBACK' && stage === 'sent' && isFlush) rollbacks++
      const isCommit = sql === 'COMMIT' && stage === 'answered' && isFlush
      const isReset = isCommit && ++commits % 2 === 0 && resetsDone < resets
      if (isReset) resetsDone++
      return isReset ? 'reset' : 'pass'
    }
    const loads = services.map(service => fireAt(oracle, service, 1, PAUSE_MS))
    await until(() => resetsDone === resets)
    await Promise.all(loads.map(load => load.stop()))
    await Promise.all(services.map(untilAllStored))
    expect(await Promise.all(services.map(stopService))).to.deep.equal(services.map(() => 0))
    await Promise.all(services.map(({ dataDir }) => rm(dataDir, { recursive: true, force: true })))
    const verdict = await oracle.verdict(database)
    judge('reset after COMMIT', resets, verdict)
    expect(verdict.acknowledged, 'clicks that failed').to.equal(verdict.sent)
    // Each batch was tried again, and found in the database.
    expect(rollbacks).to.equal(resets)
  })
})
