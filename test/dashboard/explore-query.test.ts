import { expect } from 'chai'
import { Clock } from '../../lib/dashboard/page/clock.js'
import {
  columnsOf,
  formatHash,
  isoMinute,
  namedRange,
  parseHash,
} from '../../lib/dashboard/page/explore-query.js'
import { History, sampleOf } from '../../lib/dashboard/page/history.js'
import type { Health } from '../../lib/dashboard/page/types.d.ts'

const NOW_MS = Date.parse('2024-12-12T10:00:42Z')
const utc = Object.assign(new Clock(), { zone: 'utc' })

describe('what is asked of the dashboard', () => {
  for (const hash of [
    'banner=1&range=hour',
    'banner=7&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z&zone=utc',
    'zone=utc',
    '',
  ])
    it(`is in the address, and read back from it: #${hash}`, () => {
      const { query, zone } = parseHash(`#${hash}`)
      expect(formatHash(query, zone)).to.equal(hash)
    })

  it('is the last hour, in local time, where the address makes no sense', () => {
    expect(parseHash('#range=decade&zone=mars')).to.deep.equal({
      query: { banner: '', range: 'hour', from: '', to: '' },
      zone: 'local',
    })
  })

  it('is a range of whole minutes that has the running one in it', () => {
    const range = (name: 'hour' | 'today' | 'week') => {
      const { fromMs, toMs } = namedRange(name, NOW_MS, utc)
      return [isoMinute(fromMs), isoMinute(toMs)]
    }
    expect(range('hour')).to.deep.equal(['2024-12-12T09:01Z', '2024-12-12T10:01Z'])
    expect(range('today')).to.deep.equal(['2024-12-12T00:00Z', '2024-12-12T10:01Z'])
    expect(range('week')).to.deep.equal(['2024-12-05T10:01Z', '2024-12-12T10:01Z'])
  })

  it('survives its way through an input, in either zone', () => {
    const minute = Date.parse('2024-12-12T10:07:00Z')
    for (const clock of [utc, new Clock()])
      expect(clock.fromInput(clock.toInput(minute)), clock.zone).to.equal(minute)
    expect(utc.toInput(minute)).to.equal('2024-12-12T10:07')
    expect(isoMinute(utc.fromInput(''))).to.equal('')
  })
})

describe('the charts’ columns', () => {
  it('have zeros beside minutes with clicks, and at both ends', () => {
    const minute = (value: number) => Date.parse('2024-12-12T10:00:00Z') + value * 60_000
    const at = (value: number, v: number) => ({ ts: new Date(minute(value)).toISOString(), v })
    const [seconds, clicks] = columnsOf([at(2, 5), at(3, 6), at(7, 8)], minute(0), minute(10))
    expect(seconds.map(second => (second * 1000 - minute(0)) / 60_000)).to.deep.equal([0, 2, 3, 4, 7, 8, 10])
    expect(clicks).to.deep.equal([0, 5, 6, 0, 8, 0, 0])
  })

  it('keep fifteen minutes, part what nobody saw, and survive a reload', () => {
    const health = {
      clicks: { perSecond: 3, stored: 1, pending: 0 },
      http: { latencyMs: { p50: 1, p99: 2, p999: 3 } },
      flush: { lastAt: null, lastDurationMs: 0, lastError: null },
      journal: { bytes: 0, oldestSeconds: 0 },
      database: { status: 'up' },
      threads: [
        { utilization: 0.1, eventLoopDelayP99Ms: 1 },
        { utilization: 0.3, eventLoopDelayP99Ms: 4 },
      ],
    } as unknown as Health
    const history = new History()
    for (const second of [0, 1, 100, 101, 950]) history.add(sampleOf(health, 1e9 + second))
    const seconds = () => history.samples.map(({ atSeconds }) => atSeconds - 1e9)
    expect(seconds()).to.deep.equal([100, 101, 102, 950])
    expect(history.samples.map(({ delayMs }) => delayMs)).to.deep.equal([4, 4, null, 4])
    expect(history.samples[0]).to.include({ meanPercent: 20, busiestPercent: 30, flushMs: null })

    const kept = new Map<string, string>()
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    }
    history.save(storage)
    const reloaded = new History()
    reloaded.restore(storage, 1e9 + 1001)
    expect(reloaded.samples).to.deep.equal(history.samples.slice(1))
  })
})
