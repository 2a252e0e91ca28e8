import { expect } from 'chai'
import { NO_BANNERS } from '../../lib/banners/banner-lookup.ts'
import { RegisteredBanners } from '../ring/model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { health } from '../support/health.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { startTestThread, type TestThread } from '../support/thread.ts'
import { type Answered, clicksWith, sendClicks } from './flood.ts'

const MAX_BANNERS = 256
const REGISTERED = 150
/** Ids above these are registered by nobody. */
const UNKNOWN = 1_000_000
const FLOOD_CLIENTS = 4
const CLICKS_OF_REGISTERED = 4000

describe('a flood of clicks of banners that nobody registered', () => {
  let database: TestDatabase
  let thread: TestThread
  let ofRegistered: Answered
  let ofUnknown: Answered
  let sent: Map<number, number>
  let ring: Awaited<ReturnType<typeof health>>['ring']
  let clicks: Awaited<ReturnType<typeof health>>['clicks']

  before(async function () {
    this.timeout(30_000)
    database = await createTestDatabase()
    thread = await startTestThread(database, { maxBanners: MAX_BANNERS, banners: registered(REGISTERED) })
    const random = seededRandom(newSeed())
    let isOver = false
    const flood = Promise.all(
      Array.from({ length: FLOOD_CLIENTS }, () =>
        sendClicks(thread.url, {
          nextBanner: () => UNKNOWN + random(1_000_000_000),
          bulkBanners: MAX_BANNERS - REGISTERED,
          goesOn: () => !isOver,
        }),
      ),
    )
    sent = new Map()
    let next = 0
    ofRegistered = await sendClicks(thread.url, {
      nextBanner: () => {
        const bannerId = 1 + (next++ % REGISTERED)
        sent.set(bannerId, (sent.get(bannerId) ?? 0) + 1)
        return bannerId
      },
      bulkBanners: 50,
      goesOn: () => next < CLICKS_OF_REGISTERED,
    })
    isOver = true
    ofUnknown = sumOf(await flood)
    ;({ ring, clicks } = await health(thread))
    await thread.flush()
  })
  after(async () => {
    await thread.stop()
    await database.drop()
  })

  it('keeps no click of a registered one out', async () => {
    expect([...ofRegistered.keys()].sort()).to.deep.equal([202, 204])
    const rows = await database.query<{ id: number; clicks: number }>(
      `SELECT banner_id::int AS id, sum(clicks)::int AS clicks FROM click_minutes
        WHERE banner_id <= ${REGISTERED} GROUP BY 1`,
    )
    expect(new Map(rows.map(({ id, clicks }) => [id, clicks]))).to.deep.equal(sent)
  })

  it('is itself counted as far as there is room, and refused beyond it', async () => {
    expect([...ofUnknown.keys()].sort()).to.deep.equal([202, 204, 503])
    const refused = clicksWith(ofUnknown, 503)
    expect(clicks.refused).to.deep.equal({ full: refused, journal: 0 })
    expect(ring.refusedUnknown).to.equal(refused)
    expect(ring).to.include({ slots: MAX_BANNERS, slotsForUnknown: MAX_BANNERS - REGISTERED })
    expect(ring.slotsUsedByUnknown).to.be.at.most(ring.slotsForUnknown)
  })

  it('leaves the books right', async () => {
    const accepted = clicksWith(ofRegistered, 202, 204) + clicksWith(ofUnknown, 202, 204)
    expect(clicks.accepted).to.equal(accepted)
    expect(await database.totalClicks()).to.equal(accepted)
  })
})

function registered(count: number) {
  const registered = new RegisteredBanners(Array.from({ length: count }, (_, nth) => nth + 1))
  const lookup = { ...NO_BANNERS, count, has: (bannerId: number) => registered.has(bannerId) }
  return { lookup, refresh: () => Promise.resolve() }
}

function sumOf(all: readonly Answered[]): Answered {
  const sum: Answered = new Map()
  for (const answered of all)
    for (const [status, clicks] of answered) sum.set(status, (sum.get(status) ?? 0) + clicks)
  return sum
}
