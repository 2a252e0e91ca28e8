import { expect } from 'chai'
import { Salts } from '../../lib/clients/salts.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { beforeEachOperation } from '../support/atomics.ts'

const WINDOW_MS = 10_000
const MINUTE_MS = 60_000
const NOON_MS = Date.parse('2026-11-28T12:00:00Z')
const MIDNIGHT_MS = Date.parse('2026-11-29T00:00:00Z')
const TEXT = '192.0.2.1 Mozilla/5.0'

describe('Salts', () => {
  it('make no salt twice', () => {
    const keys = Array.from({ length: 10 }, () => JSON.stringify(newSalts().salts.keyOf(TEXT)))
    expect(new Set(keys).size).to.equal(10)
  })

  it('make the same key of a text in all threads', () => {
    const { salts, memory } = newSalts()
    const other = new Salts(new SharedMemory(structuredClone(memory.handle)))
    expect(other.keyOf(TEXT)).to.deep.equal(salts.keyOf(TEXT))
    expect(other.edition).to.equal(1)
    expect(other.keyOf(`${TEXT} `)).to.not.deep.equal(salts.keyOf(TEXT))
  })

  it('change when the UTC day does, and keep the salt before for a window', () => {
    const { salts, rotate } = newSalts()
    const first = salts.keyOf(TEXT)
    rotate(MIDNIGHT_MS - 1)
    expect(salts.edition).to.equal(1)
    expect(salts.previousKeyOf(TEXT, MIDNIGHT_MS - 1)).to.equal(null)
    rotate(MIDNIGHT_MS)
    expect(salts.edition).to.equal(2)
    expect(salts.keyOf(TEXT)).to.not.deep.equal(first)
    expect(salts.previousKeyOf(TEXT, MIDNIGHT_MS)).to.deep.equal(first)
    expect(salts.previousKeyOf(TEXT, MIDNIGHT_MS + WINDOW_MS)).to.deep.equal(first)
    expect(salts.previousKeyOf(TEXT, MIDNIGHT_MS + WINDOW_MS + 1)).to.equal(null)
    rotate(MIDNIGHT_MS + 86_400_000 - 1)
    expect(salts.edition).to.equal(2)
  })

  it('change each day, with the salt of the day before each time', () => {
    const { salts, rotate } = newSalts()
    const keys = [salts.keyOf(TEXT)]
    for (let day = 0; day < 9; day++) {
      const nowMs = MIDNIGHT_MS + day * 86_400_000
      rotate(nowMs)
      expect(salts.previousKeyOf(TEXT, nowMs)).to.deep.equal(keys.at(-1))
      keys.push(salts.keyOf(TEXT))
    }
    expect(new Set(keys.map(key => JSON.stringify(key))).size).to.equal(10)
  })

  it('change when the clock is put back to another day', () => {
    const { salts, rotate } = newSalts()
    const first = salts.keyOf(TEXT)
    rotate(NOON_MS - 86_400_000)
    expect(salts.edition).to.equal(2)
    expect(salts.previousKeyOf(TEXT, NOON_MS - 86_400_000)).to.deep.equal(first)
  })

  it('are whole at every moment of a change', () => {
    const { salts, rotate, memory } = newSalts()
    const other = new Salts(memory)
    const first = salts.keyOf(TEXT)
    const seen: unknown[] = []
    beforeEachOperation(
      ['store'],
      () => seen.push([other.edition, other.keyOf(TEXT)]),
      () => rotate(MIDNIGHT_MS),
    )
    expect(seen).to.deep.equal(Array(3).fill([1, first]))
    expect(other.edition).to.equal(2)
  })

  it('change once a minute at most, however the clock jumps', () => {
    const { salts, rotate, monotonic } = newSalts()
    for (let second = 0; second < 600; second++) {
      rotate(NOON_MS + (second % 2) * 86_400_000, 0)
      monotonic.ms += 1000
    }
    expect(salts.edition).to.be.within(10, 11)
  })
})

/** At noon, with a first salt. A rotation comes a minute after the one before, unless it is said. */
function newSalts() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1, duplicateWindowMs: WINDOW_MS })
  const salts = new Salts(memory)
  const monotonic = { ms: 5000 }
  const rotate = (nowMs: number, afterMs = MINUTE_MS) => {
    monotonic.ms += afterMs
    salts.rotate(nowMs, monotonic.ms)
  }
  rotate(NOON_MS, 0)
  return { memory, salts, rotate, monotonic }
}
