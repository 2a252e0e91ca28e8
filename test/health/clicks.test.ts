import { expect } from 'chai'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { metricsText } from '../../lib/health/metrics.ts'
import { healthReport } from '../../lib/health/report.ts'
import { sampleOf } from '../../lib/health/sample.js'
import { healthSchema } from '../../lib/health/schema.ts'
import { CONTROL } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { settledAs } from '../support/settled.ts'

const NOW_MS = Date.parse('2024-12-12T10:00:30Z')

/** What one class has of everything, so that no two figures are alike. */
const CLICKS = {
  accepted: 1111,
  stored: 605,
  pending: 451,
  lost: 55,
  byClass: { valid: 1000, bot: 101, duplicate: 10 },
  storedByClass: { valid: 560, bot: 40, duplicate: 5 },
  pendingByClass: { valid: 400, bot: 50, duplicate: 1 },
  lostByClass: { valid: 40, bot: 11, duplicate: 4 },
  perSecond: 111.1,
  perSecondByClass: { valid: 100, bot: 10.1, duplicate: 1 },
  unnoted: 2,
  unlimited: 8,
}

describe('clicks by class, and what befalls clients,', () => {
  it('are on /health, and add up', () => {
    const { clicks } = newService().report()
    expect(clicks).to.deep.include(CLICKS)
    expect(clicks.refused).to.deep.equal({ journal: 0, full: 0, limit: 6, conflict: 0 })
  })

  it('have series of their own in the metrics', async () => {
    const text = await metricsText(newService().sources)
    const lines = new Set(text.split('\n'))
    for (const [name, figure] of [
      ['clicks_accepted_total', 'byClass'],
      ['clicks_stored_total', 'storedByClass'],
      ['clicks_pending', 'pendingByClass'],
      ['clicks_lost_total', 'lostByClass'],
    ] as const)
      for (const [clickClass, clicks] of Object.entries(CLICKS[figure]))
        expect(lines).to.include(`clickcounter_class_${name}{class="${clickClass}"} ${clicks}`)
    expect(lines).to.include(`clickcounter_clicks_accepted_total ${CLICKS.accepted}`)
    expect(lines).to.include('clickcounter_clicks_refused_total{reason="limit"} 6')
    expect(lines).to.include('clickcounter_clicks_unnoted_total 2')
    expect(lines).to.include('clickcounter_clicks_unlimited_total 8')
  })

  it('are in each sample as a rate, which an older version does not tell', () => {
    const report = newService().report()
    const { clicksPerSecond, botsPerSecond, duplicatesPerSecond } = sampleOf(report, 1, [])
    expect([clicksPerSecond, botsPerSecond, duplicatesPerSecond]).to.deep.equal([111.1, 10.1, 1])
    const { perSecondByClass: _, ...older } = report.clicks
    const sample = sampleOf({ ...report, clicks: older as typeof report.clicks }, 1, [])
    expect(sample).to.include({ clicksPerSecond: 111.1, botsPerSecond: null, duplicatesPerSecond: null })
  })
})

/** Half of the clicks is in the ring; 20 s after the start, all were accepted in the last second. */
function newService() {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners: 16 })
  const books = new ServiceBooks(memory)
  const threads = [0, 1].map(index => new ThreadBooks(memory, index, () => NOW_MS - 1000))
  books.set('startedAtMs', NOW_MS - 20_000)
  threads[0]!.accept(1, [500, 60, 9])
  threads[1]!.accept(1, [150, 21, 0])
  books.collected(1, [650, 81, 9])
  threads[0]!.accept(0, [350, 20, 1])
  Atomics.store(memory.i32, CONTROL.generation, 2)
  books.settled(settledAs([600, 51, 9], [40, 11, 4]))
  threads[0]!.refuseLimit(4)
  threads[1]!.refuseLimit(2)
  for (const thread of threads) thread.countUnnoted()
  threads[1]!.countUnlimited(8)
  const { config } = readConfig({ env: {}, cwd: '/', cores: 2 })
  const sources = { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' }
  return {
    sources,
    report: () => {
      const report = healthReport(sources, NOW_MS)
      expect(healthSchema.validate(report, { convert: false }).error).to.equal(undefined)
      return report
    },
  }
}
