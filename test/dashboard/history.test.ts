import { expect } from 'chai'
import { History, sampleOf } from '../../lib/dashboard/page/history.js'
import type { Health } from '../../lib/dashboard/page/types.d.ts'

describe('the charts’ samples', () => {
  let history: History
  const times = () => history.samples.map(({ atSeconds }) => atSeconds)
  const add = (...seconds: number[]) => {
    for (const atSeconds of seconds) history.add(sampleOf(healthOf(1), atSeconds, history.samples))
  }
  beforeEach(() => {
    history = new History()
  })

  it('keep fifteen minutes, have a gap where nobody looked, and survive a reload', () => {
    add(0, 1, 100, 101, 950)
    expect(times()).to.deep.equal([100, 101, 102, 950])
    expect(history.samples.map(({ delayMs }) => delayMs)).to.deep.equal([4, 4, null, 4])
    expect(history.samples[0]).to.include({ meanPercent: 20, busiestPercent: 30, flushMs: null })

    const kept = new Map<string, string>()
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    }
    history.save(storage)
    const reloaded = new History()
    reloaded.restore(storage, 1001)
    expect(reloaded.samples).to.deep.equal(history.samples.slice(1))
  })

  it('drop those of the future when the clock has been put back', () => {
    add(100, 101, 102, 101.5, 102.5)
    expect(times()).to.deep.equal([100, 101, 101.5, 102.5])
    add(50, 51)
    expect(times()).to.deep.equal([50, 51])
  })

  it('have the clicks stored per second over ten seconds, or null when that is not known', () => {
    const storedPerSecond = (atSeconds: number, stored: number) => {
      history.add(sampleOf(healthOf(stored), atSeconds, history.samples))
      return history.samples.at(-1)!.storedPerSecond
    }
    for (let second = 0; second < 10; second++) expect(storedPerSecond(second, 5 * second)).to.equal(null)
    expect(storedPerSecond(10, 50)).to.equal(5)
    expect(storedPerSecond(11, 75)).to.equal(7)
    // The page was hidden.
    expect(storedPerSecond(60, 1000)).to.equal(null)
    for (let second = 61; second < 70; second++) storedPerSecond(second, 1000)
    expect(storedPerSecond(70, 1000)).to.equal(0)
    // The service has begun anew.
    expect(storedPerSecond(71, 3)).to.equal(null)
  })
})

function healthOf(stored: number): Health {
  return {
    clicks: { perSecond: 3, stored, pending: 0 },
    http: { latencyMs: { p50: 1, p99: 2, p999: 3 } },
    flush: { lastAt: null, lastDurationMs: 0, lastError: null },
    journal: { bytes: 0, oldestSeconds: 0 },
    database: { status: 'up' },
    threads: [
      { utilization: 0.1, eventLoopDelayP99Ms: 1 },
      { utilization: 0.3, eventLoopDelayP99Ms: 4 },
    ],
  } as unknown as Health
}
