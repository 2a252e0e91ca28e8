import { expect } from 'chai'
import { gapAt, History, samplesOf } from '../../lib/dashboard/page/history.js'
import type { Health, ToldHistory } from '../../lib/dashboard/page/types.d.ts'
import { sampleOf } from '../../lib/health/sample.js'
import { SAMPLE_FIELDS } from '../../lib/memory/layout.ts'

describe('the charts’ samples', () => {
  let history: History
  const times = () => history.samples.map(({ atSeconds }) => atSeconds)
  const delays = () => history.samples.map(({ delayMs }) => delayMs)
  const add = (...seconds: number[]) => {
    for (const atSeconds of seconds) history.add(sampleOf(healthOf(1), atSeconds, history.samples))
  }
  beforeEach(() => {
    history = new History()
  })

  it('keep fifteen minutes, and have a gap where nobody looked', () => {
    add(0, 1, 100, 101, 950)
    expect(times()).to.deep.equal([100, 101, 102, 950])
    expect(delays()).to.deep.equal([4, 4, null, 4])
    expect(history.samples[0]).to.include({ meanPercent: 20, busiestPercent: 30, flushMs: null })
  })

  it('know when seconds before them are missing', () => {
    expect(history.hasGapBefore(100)).to.equal(true)
    add(100)
    expect(history.hasGapBefore(101)).to.equal(false)
    expect(history.hasGapBefore(105)).to.equal(true)
    history.add(gapAt(101))
    expect(history.hasGapBefore(102)).to.equal(true)
  })

  it('begin with what the service tells, and fill their gap with it', () => {
    add(1000.5)
    history.fillIn(told(1000, [1, 2, null]))
    expect(times()).to.deep.equal([998, 999, 1000, 1000.5])
    expect(delays()).to.deep.equal([1, 2, null, 4])
    add(1001.5, 1050.5)
    expect(delays().at(-2), 'the gap').to.equal(null)
    history.fillIn(told(1050, Array(60).fill(7)))
    add(1051.5)
    const seconds = Array.from({ length: 60 }, (_, index) => 991 + index)
    expect(times()).to.deep.equal([...seconds, 1050.5, 1051.5])
    expect(delays()).to.deep.equal([...Array(60).fill(7), 4, 4])
  })

  it('keep those from before a service that began anew, and stay as they are when it tells nothing', () => {
    add(100, 101, 102)
    history.fillIn([])
    expect(times()).to.deep.equal([100, 101, 102])
    add(120)
    history.fillIn(told(120, [5, 6, 7]))
    expect(times()).to.deep.equal([100, 101, 102, 103, 118, 119, 120])
    expect(delays()).to.deep.equal([4, 4, 4, null, 5, 6, 7])
  })

  const clocks: [clock: string, pageSeconds: number, lastSeconds: number][] = [
    ['as the service’s', 1000.7, 1000],
    ['a second behind, or not: it cannot be known', 999.6, 1000],
    ['five minutes ahead', 1300.7, 1301],
    ['an hour behind', -2599.4, -2599],
  ]
  for (const [clock, pageSeconds, lastSeconds] of clocks)
    it(`are told by the page’s clock, when that is ${clock}`, () => {
      const samples = samplesOf(answer(1000, [1, 2]), 1000, pageSeconds)
      expect(samples.map(({ atSeconds }) => atSeconds)).to.deep.equal([lastSeconds - 1, lastSeconds])
    })

  it('are told without a Date, and from a service that has none yet', () => {
    expect(samplesOf(answer(1000, [1]), Number.NaN, 5000)[0]!.atSeconds).to.equal(1000)
    expect(samplesOf({ ...answer(0, []), to: null }, 1000, 1000)).to.deep.equal([])
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

/** As /health/history tells them. */
function answer(toSeconds: number, values: (number | null)[]): ToldHistory {
  const samples = Object.fromEntries(SAMPLE_FIELDS.map(name => [name, values]))
  return {
    everySeconds: 1,
    to: new Date(toSeconds * 1000).toISOString(),
    samples: samples as unknown as ToldHistory['samples'],
  }
}

function told(toSeconds: number, values: (number | null)[]) {
  return samplesOf(answer(toSeconds, values), toSeconds, toSeconds)
}

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
