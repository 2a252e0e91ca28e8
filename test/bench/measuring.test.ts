import { expect } from 'chai'
import { parseCores } from '../../bench/machine/cores.ts'
import {
  parseStat,
  processCpuSeconds,
  threadCpuSeconds,
  treeCpuSeconds,
  treePids,
} from '../../bench/machine/cpu.ts'
import { audited, discrepancy, isSound } from '../../bench/measuring/audit.ts'
import { hasRun, selfTimes } from '../../bench/measuring/cpu-profile.ts'
import { clicksApart } from '../../bench/measuring/flush-windows.ts'
import { pairedRounds } from '../../bench/measuring/rounds.ts'

describe('clicks acknowledged and stored', () => {
  const clicks = { acknowledged: 100, unanswered: 64, accepted: 100, stored: 100 }

  it('agree when they are the same', () => {
    expect(discrepancy(clicks)).to.deep.equal({ lost: 0, doubled: 0 })
  })

  it('may differ by those whose answer nobody saw', () => {
    expect(discrepancy({ ...clicks, accepted: 164, stored: 164 })).to.deep.equal({ lost: 0, doubled: 0 })
    expect(discrepancy({ ...clicks, accepted: 165, stored: 165 })).to.deep.equal({ lost: 0, doubled: 1 })
  })

  it('are lost when one was acknowledged and is not in the books', () => {
    expect(discrepancy({ ...clicks, accepted: 99, stored: 99 })).to.deep.equal({ lost: 1, doubled: 0 })
  })

  it('are lost or doubled by the click from the books on, also among those whose answer nobody saw', () => {
    expect(discrepancy({ ...clicks, accepted: 130, stored: 129 })).to.deep.equal({ lost: 1, doubled: 0 })
    expect(discrepancy({ ...clicks, accepted: 130, stored: 131 })).to.deep.equal({ lost: 0, doubled: 1 })
  })

  it('are those of the time between, whatever was there before', async () => {
    const totals = [
      { accepted: 10, stored: 10 },
      { accepted: 15, stored: 14 },
    ]
    const server = { totals: async () => totals.shift()! }
    const result = await audited(server, 0, async () => ({ acknowledged: 5, more: 'kept' }))
    expect(result).to.deep.equal({ acknowledged: 5, more: 'kept', lost: 1, doubled: 0 })
  })

  it('fail the bench when one was refused, lost or counted twice', () => {
    const good = { failed: 0, lost: 0, doubled: 0 }
    expect(isSound([good, good])).to.equal(true)
    for (const wrong of ['failed', 'lost', 'doubled'])
      expect(isSound([good, { ...good, [wrong]: 1 }]), wrong).to.equal(false)
  })
})

describe('paired rounds', () => {
  it('go back and forth, and give each subject its own samples', async () => {
    const order: string[] = []
    const told: string[] = []
    const subjects = [{ name: 'a' }, { name: 'b' }]
    const measure = async ({ name }: { name: string }) => {
      order.push(name)
      return `${name}${order.length}`
    }
    const samples = await pairedRounds('test', subjects, 3, measure, text => told.push(text))
    expect(told.slice(0, 2)).to.deep.equal(['test 1 of 3: a', 'test 1 of 3: b'])
    expect(order.join('')).to.equal('abbaab')
    expect(samples).to.deep.equal([
      ['a1', 'a4', 'a5'],
      ['b2', 'b3', 'b6'],
    ])
  })
})

describe('processor time', () => {
  it('is read behind a name with spaces and brackets', () => {
    const line = '42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 1 0 100'
    expect(parseStat(line)).to.deep.equal({
      name: 'a) b (c',
      parentPid: 7,
      seconds: 2,
      endedChildrenSeconds: 0.5,
    })
  })

  it('of this process is that of its threads, and part of that of its tree', () => {
    const all = processCpuSeconds(process.pid)
    const threads = [...threadCpuSeconds(process.pid).values()].reduce((sum, seconds) => sum + seconds)
    expect(all).to.be.greaterThan(0)
    // Threads that have ended are in the process's time alone.
    expect(threads)
      .to.be.greaterThan(0)
      .and.at.most(processCpuSeconds(process.pid) + 0.5)
    expect(treeCpuSeconds(process.pid)).to.be.at.least(all)
    expect(treePids(process.ppid)).to.include(process.pid)
  })

  it('is had on cores that are listed one by one or as ranges', () => {
    expect(parseCores('0-3,8')).to.deep.equal([0, 1, 2, 3, 8])
    expect(parseCores('5')).to.deep.equal([5])
  })
})

describe('clicks apart', () => {
  it('are of clicks that were under way while a flush ran, and of the others', () => {
    const clicks = {
      // Before, reaching into it, within it, reaching out of it, after.
      answeredAtMs: Float64Array.of(90, 105, 150, 210, 230),
      latencyMs: Float64Array.of(1, 20, 2, 30, 5),
      sentAfterMs: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5),
    }
    expect(clicksApart(clicks, [{ startMs: 100, endMs: 200 }])).to.deep.equal({
      during: { latencyMs: Float64Array.of(20, 2, 30), sentAfterMs: Float64Array.of(0.2, 0.3, 0.4) },
      otherwise: { latencyMs: Float64Array.of(1, 5), sentAfterMs: Float64Array.of(0.1, 0.5) },
    })
  })
})

describe('a CPU profile', () => {
  const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber })
  const profile = {
    startTime: 1000,
    nodes: [
      { id: 1, callFrame: frame('(idle)', '', -1) },
      { id: 2, callFrame: frame('count', 'file:///app/lib/ring.ts', 9) },
      { id: 3, callFrame: frame('count', 'file:///app/lib/ring.ts', 9) },
      { id: 4, callFrame: frame('', 'file:///app/workers/request.ts', 0) },
    ],
    // At 1000, 1010, 1030, 1060, 1100 µs.
    samples: [2, 1, 3, 4, 2],
    timeDeltas: [0, 10, 20, 30, 40],
  }

  it('gives a function the time of all its nodes, and idle time to none', () => {
    expect(selfTimes(profile, 'file:///app/', { startUs: 0, endUs: 2000 })).to.deep.equal([
      { name: 'count', place: 'lib/ring.ts:10', selfUs: 40 },
      { name: '(anonymous)', place: 'workers/request.ts:1', selfUs: 40 },
    ])
  })

  it('is read within a span', () => {
    const [first] = selfTimes(profile, 'file:///app/', { startUs: 1020, endUs: 1050 })
    expect(first).to.deep.equal({ name: 'count', place: 'lib/ring.ts:10', selfUs: 30 })
  })

  it('tells whose thread it is by the files it ran', () => {
    expect(hasRun(profile, '/workers/request.ts')).to.equal(true)
    expect(hasRun(profile, '/workers/flush.ts')).to.equal(false)
  })
})
