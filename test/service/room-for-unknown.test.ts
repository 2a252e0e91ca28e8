import { expect } from 'chai'
import { Registry } from '../banner-watch/registry.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Health, health, untilAllStored, untilHealth } from '../support/health.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { type Answered, clicksWith, sendClicks } from './flood.ts'

const MAX_BANNERS = 256
/** At first, and when the flood has come. */
const REGISTERED = [100, 150] as const
/** Ids from here on are registered by nobody. */
const UNKNOWN = 1_000_000
const FLOOD_CLIENTS = 4
/** Of registered banners, before and after the others are registered. */
const CLICKS = 1500

describe('a flood of clicks of banners that nobody registered', () => {
  const seed = newSeed()
  let database: TestDatabase
  /** By banner. */
  const sent = new Map<number, number>()
  let ofRegistered: Answered
  let ofUnknown: Answered
  let ring: Health['ring']
  let reasons: Health['reasons']
  let clicks: Health['clicks']

  before(async function () {
    this.timeout(60_000)
    database = await createTestDatabase()
    const registry = new Registry(database)
    await registry.register(1, REGISTERED[0])
    const service = await startServiceProcess({
      DATABASE_URL: database.url,
      SERVER_THREADS: '2',
      MAX_BANNERS: String(MAX_BANNERS),
    })
    await untilRegistered(service, REGISTERED[0])
    const flood = startFlood(service)
    try {
      ofRegistered = await clickOn(service, REGISTERED[0])
      await registry.register(REGISTERED[0] + 1, REGISTERED[1])
      await untilRegistered(service, REGISTERED[1])
      addTo(ofRegistered, await clickOn(service, REGISTERED[1]))
    } finally {
      ofUnknown = await flood.end()
    }
    // Main looks once a second, and tells it for a minute.
    await untilHealth(service, report => report.reasons.length > 0)
    ;({ ring, reasons, clicks } = await health(service))
    await untilAllStored(service)
    expect(await endService(service)).to.equal(0)
  })
  after(() => database.drop())

  it(`keeps no click of a registered one out, seed ${seed}`, async () => {
    expect([...ofRegistered.keys()].sort()).to.deep.equal([202, 204])
    const rows = await database.query<{ id: number; clicks: number }>(
      `SELECT banner_id::int AS id, sum(clicks)::int AS clicks FROM click_minutes WHERE banner_id < ${UNKNOWN} GROUP BY 1`,
    )
    expect(new Map(rows.map(({ id, clicks }) => [id, clicks]))).to.deep.equal(sent)
  })

  it('is itself counted as far as there is room, and refused beyond it, which operators are told', () => {
    expect([...ofUnknown.keys()].sort()).to.deep.equal([202, 204, 503])
    const refused = clicksWith(ofUnknown, 503)
    expect(clicks.refused).to.deep.equal({ full: refused, journal: 0, limit: 0, conflict: 0 })
    expect(ring.refusedUnknown).to.equal(refused)
    expect(ring).to.include({ slots: MAX_BANNERS, slotsForUnknown: MAX_BANNERS - REGISTERED[1] })
    expect(reasons.map(({ reason }) => reason)).to.deep.equal(['unknown_banners_refused'])
  })

  it('leaves the books right', async () => {
    const accepted = clicksWith(ofRegistered, 202, 204) + clicksWith(ofUnknown, 202, 204)
    expect(clicks.accepted).to.equal(accepted)
    expect(await database.totalClicks()).to.equal(accepted)
  })

  function startFlood({ url }: ServiceProcess) {
    const random = seededRandom(seed)
    let isOver = false
    const clients = Array.from({ length: FLOOD_CLIENTS }, () =>
      sendClicks(url, {
        nextBanner: () => UNKNOWN + random(1_000_000_000),
        bulkBanners: MAX_BANNERS - REGISTERED[1],
        goesOn: () => !isOver,
      }),
    )
    return {
      async end(): Promise<Answered> {
        isOver = true
        const sum: Answered = new Map()
        for (const answered of await Promise.all(clients)) addTo(sum, answered)
        return sum
      },
    }
  }

  /** Clicks on banners 1 … registered, in turn. */
  function clickOn({ url }: ServiceProcess, registered: number): Promise<Answered> {
    let clicked = 0
    return sendClicks(url, {
      nextBanner: () => {
        const bannerId = 1 + (clicked++ % registered)
        sent.set(bannerId, (sent.get(bannerId) ?? 0) + 1)
        return bannerId
      },
      bulkBanners: 50,
      goesOn: () => clicked < CLICKS,
    })
  }
})

function untilRegistered(service: ServiceProcess, count: number): Promise<void> {
  return untilHealth(service, ({ banners }) => banners.registered === count)
}

function addTo(sum: Answered, answered: Answered): void {
  for (const [status, clicks] of answered) sum.set(status, (sum.get(status) ?? 0) + clicks)
}
