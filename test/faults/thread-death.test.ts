import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { CLASSED, judge, Oracle } from './oracle.ts'

const DYING_THREAD = fileURLToPath(new URL('./dying-thread.ts', import.meta.url))
const LOAD_MS = 6000

describe('request threads that die under load', function () {
  this.timeout(60_000)
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  for (const death of ['throw', 'out of memory', 'exit'])
    it(`are started again, and nothing is lost or counted twice: ${death}`, async () => {
      const service = await startServiceProcess(
        {
          ...CLASSED,
          DATABASE_URL: database.url,
          SERVER_THREADS: '2',
          CLICK_FLUSHER_INTERVAL: '0.1',
          TEST_THREAD_DEATH: death,
        },
        ['--max-old-space-size=96', '--import', DYING_THREAD],
      )
      const oracle = new Oracle()
      // A connection, and its part of the load, ends with its thread. The next ones take over.
      const endsAt = AbortSignal.timeout(LOAD_MS)
      while (!endsAt.aborted) await oracle.fire(service.url, endsAt)
      expect(await endService(service)).to.equal(0)
      const restarts = service.lines.filter(line => line.includes('started again')).length
      expect(restarts).to.be.greaterThan(2)
      judge(`request threads: ${death}`, restarts, await oracle.verdict(database))
    })
})
