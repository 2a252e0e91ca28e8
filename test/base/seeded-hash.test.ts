import { expect } from 'chai'
import { hashOf, newSeed } from '../../lib/base/seeded-hash.ts'
import { hostileToHash } from '../support/hostile-ids.ts'

const TABLE_BITS = 18
const BANNERS = 100_000

const ids: Record<string, (nth: number) => number> = {
  'one after the other': nth => nth + 1,
  'in steps of 1000': nth => (nth + 1) * 1000,
  'in steps of 2^14': nth => (nth + 1) * 2 ** 14,
  // Multiples of the inverse of Fibonacci hashing's factor: with that hash alone, thousands of them share a place.
  'chosen to meet under a known factor': nth => Math.imul(0xe8b2f51, nth + 1) & 0x7fffffff,
}

describe('hash of a banner', () => {
  for (const [name, idOf] of Object.entries(ids))
    it(`leaves no place crowded, whatever the seed: ids ${name}`, () => {
      for (const seed of [0, 1, -1, 0x5eed, -0x7654321]) {
        const counts = new Uint8Array(2 ** TABLE_BITS)
        for (let nth = 0; nth < BANNERS; nth++) counts[hashOf(idOf(nth), seed) >>> (32 - TABLE_BITS)]! += 1
        // 100 000 balls in 262 144 urns: the chance that one urn has more than 10 is below 10^-5.
        expect(
          counts.reduce((most, count) => Math.max(most, count)),
          `seed ${seed}`,
        ).to.be.lessThan(11)
      }
    })

  it('is of no use to those who know it but for the seed: ids that meet under one are spread under others', () => {
    const meeting = hostileToHash(8000, 0)
    expect(mostInOnePlace(meeting, 0)).to.equal(meeting.length)
    for (let nth = 0; nth < 200; nth++) {
      const seed = newSeed()
      expect(mostInOnePlace(meeting, seed), `seed ${seed}`).to.be.lessThan(11)
    }
  })
})

function mostInOnePlace(ids: readonly number[], seed: number): number {
  const counts = new Uint16Array(2 ** TABLE_BITS)
  for (const id of ids) counts[hashOf(id, seed) >>> (32 - TABLE_BITS)]! += 1
  return counts.reduce((most, count) => Math.max(most, count))
}
