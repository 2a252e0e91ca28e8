import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { urlOf } from '../../db/embedded/url-file.ts'
import { SHARE_FLUSHES } from '../../db/history/locks.ts'
import { health, untilAllStored } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { until } from '../support/until.ts'
import { KeyedSenders } from './keyed-senders.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { scaled } from './scale.ts'

const INSTANCES = 2
const SENDERS = 8

describe('keyed bulks, sent to two instances until they are answered, and again', function () {
  this.timeout(scaled(60_000, 600_000))
  let postgres: OwnPostgres
  let proxy: PostgresProxy
  const dataDirs: string[] = []
  const services: ServiceProcess[] = []
  before(async () => {
    postgres = await startOwnPostgres()
    proxy = await startPostgresProxy(postgres.server)
    while (dataDirs.length < INSTANCES) dataDirs.push(await mkdtemp(join(tmpdir(), 'clickcounter-keyed-')))
  })
  after(async () => {
    await proxy.close()
    await postgres.remove()
    for (const dataDir of dataDirs) await rm(dataDir, { recursive: true, force: true })
  })

  const start = async (index: number) => {
    services[index] = await startServiceProcess({
      DATA_DIR: dataDirs[index]!,
      DATABASE_URL: urlOf(proxy.server),
      CLICK_FLUSHER_INTERVAL: '0.05',
      SERVER_THREADS: '1',
    })
  }

  it('count once over kills, lost answers to COMMIT, an outage and a database that goes back', async () => {
    const cycles = scaled(1, 6)
    await start(0)
    await Promise.all(dataDirs.slice(1).map((_, index) => start(index + 1)))
    const senders = new KeyedSenders(() => services.map(({ url }) => url), SENDERS)
    const more = async (bulks = 100) => {
      const { acknowledged } = senders
      await until(async () => senders.acknowledged >= acknowledged + bulks)
    }
    for (let cycle = 0; cycle < cycles; cycle++) {
      await more()
      await loseAnswers(scaled(6, 40))
      const goBack = await postgres.keepCopy()
      await more()
      const killed = services[cycle % INSTANCES]!
      killed.signal('SIGKILL')
      await killed.exited
      await start(cycle % INSTANCES)
      await more()
      // Both come with an outage: Postgres is stopped while its files are copied.
      await goBack()
      await more()
    }
    await senders.stop()
    await Promise.all(services.map(untilAllStored))
    const { clicks } = await health(services[0]!)
    expect(clicks).to.deep.include({ lost: 0, aside: 0 })
    expect(clicks.refused.conflict).to.equal(0)
    expect(await Promise.all(services.map(stopService))).to.deep.equal(services.map(() => 0))
    await senders.judge('keyed bulks', postgres)
  })

  /** Connections are reset after COMMIT, before its answer. */
  async function loseAnswers(times: number): Promise<void> {
    let commits = 0
    let resets = 0
    proxy.judge = ({ sql, stage, begin }) => {
      const isCommit = sql === 'COMMIT' && stage === 'answered' && begin.includes(SHARE_FLUSHES)
      const isReset = isCommit && ++commits % 2 === 0 && resets < times
      if (isReset) resets++
      return isReset ? 'reset' : 'pass'
    }
    await until(async () => resets === times)
  }
})
