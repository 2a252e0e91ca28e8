import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { findPostmaster, isRunning } from '../../db/embedded/postmaster.ts'
import { urlOf } from '../../db/embedded/url-file.ts'
import { createTestDatabase, query, type TestDatabase } from '../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { startTcpPostgres, type TcpPostgres } from '../support/tcp-postgres.ts'
import { until } from '../support/until.ts'
import {
  ClickStream,
  cleanUpAfterTest,
  expectExactlyOnce,
  HttpClicks,
  printedSeed,
  startFlushing,
} from './flush-support.ts'

describe('Postgres that goes away under load', () => {
  let directory: string
  let postgres: TcpPostgres
  let service: ServiceProcess
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-restart-'))
    postgres = await startTcpPostgres(directory)
    service = await startServiceProcess({
      DATABASE_URL: urlOf(postgres.server),
      CLICK_FLUSHER_INTERVAL: '0.05',
      SERVER_THREADS: '2',
    })
  })
  afterEach(cleanUpAfterTest)
  after(async () => {
    await endService(service)
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const falls = [
    { title: 'is stopped', fall: () => postgres.stop() },
    { title: 'is killed', fall: () => killPostmaster(directory) },
  ]
  it('costs no click and doubles none, whether it is stopped or killed', async () => {
    using clicks = new HttpClicks(service.url)
    const stream = new ClickStream(clicks, 1)
    for (const { title, fall } of falls) {
      const { length } = stream.acknowledged
      await until(() => stream.acknowledged.length > length + 200)
      await fall()
      await until(async () => (await health(service)).database.status === 'down')
      const report = await health(service)
      expect(report, title).to.include({ status: 'degraded' })
      await postgres.restart()
      await until(async () => (await health(service)).database.status === 'up')
    }
    await stream.stop()
    await until(async () => (await health(service)).clicks.pending === 0)
    expect(stream.refused).to.deep.equal([])
    await expectExactlyOnce({ query: sql => query(postgres.server, sql) }, [stream])
    const { accepted, stored } = (await health(service)).clicks
    expect({ accepted, stored }).to.deep.equal({
      accepted: stream.acknowledged.length,
      stored: stream.acknowledged.length,
    })
  })
})

describe("a flush worker's connection that the server ends", () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  afterEach(cleanUpAfterTest)
  after(() => database.drop())

  it('costs no click and doubles none, twenty times at any moment', async () => {
    const flushing = startFlushing(database.server)
    const stream = new ClickStream(flushing)
    const random = seededRandom(printedSeed('ends'))
    for (let endedCount = 0; endedCount < 20; ) {
      const { stored } = flushing.balance()
      await until(() => flushing.balance().stored > stored)
      await setTimeout(random(20))
      const rows = await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'clickcounter flush'`,
      )
      endedCount += rows.length
    }
    await stream.stop()
    await flushing.finish()
    expect(stream.refused).to.deep.equal([])
    await expectExactlyOnce(database, [stream])
  })
})

/** As the kernel does it when memory runs out. */
async function killPostmaster(directory: string): Promise<void> {
  const { pid } = (await findPostmaster(join(directory, 'postgres')))!
  process.kill(pid, 'SIGKILL')
  await until(() => !isRunning(pid))
}

async function health({ url }: ServiceProcess) {
  const response = await fetch(`${url}/health`)
  expect(response.status).to.equal(200)
  return (await response.json()) as {
    status: string
    clicks: Record<'accepted' | 'stored' | 'pending', number>
    database: { status: string }
  }
}
