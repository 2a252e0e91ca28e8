import { expect } from 'chai'
import { ClickLimits, UNLIMITED } from '../../lib/clients/click-limits.ts'
import { LIMITS_PER_BUCKET } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

const NOW_MS = Date.parse('2026-11-28T12:00:00Z')
const MINUTE_MS = 60_000
const ALICE = { high: 0x12345678, low: 0x0abcdef0 }
const BOB = { high: -0x12345678, low: 0x0abcdef0 }

describe('ClickLimits', () => {
  for (const clicks of [1, 7, 60, 1000])
    it(`admit ${clicks} clicks at once, and then so many a minute`, () => {
      const { limits } = newLimits(clicks)
      for (let click = 0; click < clicks; click++) expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(0)
      const waitMs = limits.admit(ALICE, 1, NOW_MS)
      expect(waitMs).to.be.within(Math.floor(MINUTE_MS / clicks), Math.ceil(MINUTE_MS / clicks))
      expect(limits.admit(ALICE, 1, NOW_MS + waitMs - 1)).to.equal(1)
      expect(limits.admit(ALICE, 1, NOW_MS + waitMs)).to.equal(0)
      let admitted = 1
      for (let afterMs = waitMs; afterMs <= 10 * MINUTE_MS; afterMs += 10)
        if (limits.admit(ALICE, 1, NOW_MS + afterMs) === 0) admitted++
      expect(admitted).to.be.within(10 * clicks - 1, 10 * clicks)
    })

  it('charge a bulk as a whole, or not at all', () => {
    const { limits } = newLimits(60)
    expect(limits.admit(ALICE, 50, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 11, NOW_MS)).to.equal(1000)
    expect(limits.admit(ALICE, 10, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 10, NOW_MS + 9999)).to.equal(1)
    expect(limits.admit(ALICE, 10, NOW_MS + 10_000)).to.equal(0)
  })

  it('limit each client by itself', () => {
    const { limits } = newLimits(1)
    expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(0)
    expect(limits.admit(BOB, 1, NOW_MS)).to.equal(0)
    expect(limits.admit(ALICE, 1, NOW_MS)).to.equal(MINUTE_MS)
  })

  it('say when a client is over, and charge nothing for it', () => {
    const { limits } = newLimits(2)
    for (let look = 0; look < 5; look++) expect(limits.isOver(ALICE, NOW_MS)).to.equal(0)
    limits.admit(ALICE, 2, NOW_MS)
    for (let look = 0; look < 5; look++) expect(limits.isOver(ALICE, NOW_MS)).to.equal(30_000)
    expect(limits.isOver(BOB, NOW_MS)).to.equal(0)
  })

  it('admit everybody who finds a bucket full', () => {
    const { limits } = newLimits(1)
    for (let client = 1; client <= LIMITS_PER_BUCKET; client++)
      expect(limits.admit({ high: client << 8, low: 0 }, 1, NOW_MS)).to.equal(0)
    for (let click = 0; click < 3; click++)
      expect(limits.admit({ high: 99 << 8, low: 0 }, 1, NOW_MS)).to.equal(UNLIMITED)
    expect(limits.isOver({ high: 99 << 8, low: 0 }, NOW_MS)).to.equal(0)
    expect(limits.admit({ high: 1 << 8, low: 0 }, 1, NOW_MS)).to.equal(MINUTE_MS)
    expect(limits.admit({ high: 99 << 8, low: 0 }, 1, NOW_MS + MINUTE_MS)).to.equal(0)
  })
})

function newLimits(clicksPerMinute: number) {
  const memory = SharedMemory.create({
    threadCount: 1,
    maxBanners: 1,
    clientClicksPerMinute: clicksPerMinute,
  })
  return { memory, limits: new ClickLimits(memory, clicksPerMinute) }
}
