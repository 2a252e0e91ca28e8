import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { createLog } from '../../lib/log/log.ts'
import { prepareTables } from '../../lib/service/tables.ts'
import { until } from '../support/until.ts'

/** Longer than the first delay after a failure. */
const RETRY_MS = 250
/** The fourth delay takes at least as long. */
const FOURTH_DELAY_MS = 400
const NOWHERE: DatabaseServer = {
  host: '/nowhere',
  port: 1,
  user: 'u',
  password: '',
  name: 'n',
  sslMode: 'disable',
}

function prepareNowhere(notPrepared: () => void) {
  return prepareTables({
    database: NOWHERE,
    flusher: { allowStoring: () => expect.fail('no database'), refuseStoring() {} },
    report: { notPrepared },
    readiness: { tablesAre() {} },
    log: createLog('silent'),
  })
}

describe('the preparation of the tables', () => {
  it('makes no further attempt once it is cancelled, not even when one was under way', async () => {
    for (const isUnderWay of [true, false]) {
      let failures = 0
      const tables = prepareNowhere(() => failures++)
      if (!isUnderWay) await tables.firstAttempt
      tables.cancel()
      await tables.firstAttempt
      await delay(RETRY_MS)
      expect(failures).to.equal(1)
    }
  })

  it('is tried again at once when it is in a hurry', async () => {
    let failures = 0
    const tables = prepareNowhere(() => failures++)
    try {
      await until(() => failures === 4)
      const hurriedAtMs = performance.now()
      tables.hurry()
      await until(() => failures > 4)
      expect(performance.now() - hurriedAtMs).to.be.below(FOURTH_DELAY_MS)
    } finally {
      tables.cancel()
    }
  })
})
