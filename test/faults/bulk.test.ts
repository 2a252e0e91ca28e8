import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { CLASSES } from '../../lib/rows/classes.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { scaled } from './scale.ts'

const DEATH_WITHIN_BULK = fileURLToPath(new URL('./death-within-bulk.ts', import.meta.url))
const FAILPOINTS = fileURLToPath(new URL('./failpoints.ts', import.meta.url))
const CONNECTIONS = 8
/** So many that a kill can tear a write. */
const BANNERS = 300
const LIVES = scaled(1, 10)

describe('bulks under fire', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let settings: Settings
  let sent: Sent
  beforeEach(async () => {
    sent = { count: 0, acknowledged: new Set() }
    database = await createTestDatabase()
    settings = {
      DATABASE_URL: database.url,
      DATA_DIR: await mkdtemp(join(tmpdir(), 'clickcounter-bulk-')),
      CLICK_FLUSHER_INTERVAL: '0.1',
      SERVER_THREADS: '1',
    }
  })
  afterEach(async () => {
    await database.drop()
    await rm(settings.DATA_DIR!, { recursive: true, force: true })
  })

  it('are counted whole or not at all when the process is killed in the middle of a write', async () => {
    for (let life = 0; life < LIVES; life++)
      for (const point of ['middle-of-journal-write:5', 'after-journal-write:7']) {
        const service = await startServiceProcess({ ...settings, TEST_FAILPOINT: point }, [
          '--import',
          FAILPOINTS,
        ])
        await fire(service, sent)
        expect(await service.exited).to.equal(null)
      }
    await stop(await startServiceProcess(settings))
    await judge()
  })

  it('are counted whole or not at all when a thread dies while it adds one', async () => {
    // All slots are claimed by then, and half of the clicks are added.
    const service = await startServiceProcess(
      { ...settings, SERVER_THREADS: '2', TEST_DEATH_WITHIN_BULK: `20:${BANNERS * 1.5}` },
      ['--import', DEATH_WITHIN_BULK],
    )
    // A connection, and its part of the load, ends with its thread. The next ones take over.
    const restarts = () => service.lines.filter(line => line.includes('started again')).length
    while (restarts() < scaled(2, 20)) await fire(service, sent)
    await stop(service)
    await judge()
  })

  it('are counted whole or not at all when the service is stopped', async () => {
    const service = await startServiceProcess(settings)
    const fired = fire(service, sent)
    while (sent.acknowledged.size < 50) await new Promise(setImmediate)
    await stop(service)
    await fired
    await judge()
  })

  async function stop(service: ServiceProcess): Promise<void> {
    expect(await stopService(service), service.lines.join('\n')).to.equal(0)
  }

  /** Every bulk has its own banners, a third of them with clicks of each class. */
  async function judge(): Promise<void> {
    const rows = await database.query<{ bulk: string; banners: number; counted: string[] }>(
      `SELECT bulk, count(*)::int AS banners, array_agg(DISTINCT clicks) AS counted
       FROM (SELECT banner_id / ${BANNERS} AS bulk,
                    concat_ws(' ', banner_id % 3, sum(clicks), sum(bots), sum(duplicates)) AS clicks
             FROM click_minutes GROUP BY banner_id) AS banner
       GROUP BY bulk`,
    )
    for (const { banners, counted } of rows) {
      expect(banners).to.equal(BANNERS)
      expect(counted.sort()).to.deep.equal(['0 3 0 0', '1 0 3 0', '2 0 0 3'])
    }
    const counted = new Set(rows.map(row => Number(row.bulk)))
    expect(sent.acknowledged.size).to.be.greaterThan(0)
    expect(sent.acknowledged.difference(counted), 'lost').to.deep.equal(new Set())
    console.log(`      sent ${sent.count}, acknowledged ${sent.acknowledged.size}, counted ${counted.size}`)
  }
})

interface Sent {
  count: number
  readonly acknowledged: Set<number>
}

/** Sends bulks on some connections, one after the other on each, until nobody answers. */
async function fire({ url }: ServiceProcess, sent: Sent): Promise<void> {
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (;;) {
        const bulk = ++sent.count
        const clicks = Array.from({ length: BANNERS }, (_, nth) => ({
          id: bulk * BANNERS + nth,
          count: 3,
          class: CLASSES[nth % 3],
        }))
        const status = await fetch(`${url}/counter`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ clicks }),
        }).then(
          response => response.status,
          () => null,
        )
        if (status === null) return
        expect(status).to.equal(202)
        sent.acknowledged.add(bulk)
      }
    }),
  )
}
