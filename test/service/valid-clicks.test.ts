import { expect } from 'chai'
import { BOT, BROWSER, KeptConnection } from '../support/clicks.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { Health } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'

const BANNERS = 100
/** The kernel spreads them over the threads. */
const CONNECTIONS = 12
const CLICKS = BANNERS * CONNECTIONS
const PER_MINUTE = CLICKS + 100

describe('two request threads with duplicates and limits in force', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())

  it('take one of several clicks at once for valid, and share a limit', async () => {
    const service = await startServiceProcess({
      DATABASE_URL: database.url,
      SERVER_THREADS: '2',
      BOTS: 'class',
      DUPLICATE_WINDOW: '60',
      CLIENT_CLICKS_PER_MINUTE: String(PER_MINUTE),
    })
    const port = Number(new URL(service.url).port)
    const connections = Array.from({ length: CONNECTIONS }, () => new KeptConnection(port))
    /** The same click on all connections at once. Resolves with how many were answered with 204. */
    const clickAtOnce = async (bannerId: number, agent: string) => {
      const clicks = connections.map(connection => connection.click(`/counter/${bannerId}`, { agent }))
      return (await Promise.all(clicks)).filter(({ status }) => status === 204).length
    }
    const startedAtMs = performance.now()
    for (let bannerId = 1; bannerId <= BANNERS; bannerId++)
      expect(await clickAtOnce(bannerId, BROWSER)).to.equal(CONNECTIONS)
    for (const { total, duplicates } of await storedBanners(service))
      expect([total, duplicates]).to.deep.equal([1, CONNECTIONS - 1])
    let counted = 0
    for (let bannerId = 1; bannerId <= BANNERS; bannerId++) counted += await clickAtOnce(bannerId, BOT)
    const cameBack = ((performance.now() - startedAtMs) / 60_000) * PER_MINUTE
    const { clicks, threads } = (await (await fetch(`${service.url}/health`)).json()) as Health
    expect(counted).to.be.within(PER_MINUTE - CLICKS, PER_MINUTE - CLICKS + cameBack + 1)
    expect(clicks.refused.limit).to.equal(CLICKS - counted)
    expect(clicks.byClass).to.deep.equal({ valid: BANNERS, bot: counted, duplicate: CLICKS - BANNERS })
    for (const { requests } of threads) expect(requests).to.be.above(BANNERS)
    for (const connection of connections) connection.close()
    await stopService(service)
  })
})

async function storedBanners({ url }: ServiceProcess): Promise<Record<string, number>[]> {
  const [from, to] = [-1, 1].map(days => new Date(Date.now() + days * 86_400_000).toISOString())
  const answer = await fetch(`${url}/stats?from=${from}&to=${to}`)
  const { banners } = (await answer.json()) as { banners: Record<string, number>[] }
  expect(banners).to.have.lengthOf(BANNERS)
  return banners
}
