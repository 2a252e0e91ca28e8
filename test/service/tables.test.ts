import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { createLog } from '../../lib/log/log.ts'
import { prepareTables } from '../../lib/service/tables.ts'

/** Longer than the first delay after a failure. */
const RETRY_MS = 250

describe('the preparation of the tables', () => {
  it('makes no further attempt once it is cancelled, not even when one was under way', async () => {
    for (const isUnderWay of [true, false]) {
      let failures = 0
      const tables = prepareTables({
        database: { host: '/nowhere', port: 1, user: 'u', password: '', name: 'n', sslMode: 'disable' },
        flusher: { allowStoring: () => expect.fail('no database'), refuseStoring() {} },
        report: { notPrepared: () => void failures++ },
        log: createLog('silent'),
      })
      if (!isUnderWay) await tables.firstAttempt
      tables.cancel()
      await tables.firstAttempt
      await delay(RETRY_MS)
      expect(failures).to.equal(1)
    }
  })
})
