import { expect } from 'chai'
import fc from 'fast-check'
import { Shares } from '../../lib/base/shares.ts'

describe('shares', () => {
  /** How many of so many tries succeed. */
  function take(shares: Shares, client: string | null, tries = 100): number {
    return Array.from({ length: tries }, () => shares.take(client)).filter(Boolean).length
  }

  it('are half of the places for one alone, and less for each the more there are', () => {
    const shares = new Shares(60)
    expect(take(shares, 'a')).to.equal(30)
    expect(take(shares, 'b')).to.equal(15)
    expect(take(shares, 'c')).to.equal(8)
    expect(take(shares, 'd')).to.equal(4)
    expect(take(shares, 'a')).to.equal(0)
  })

  it('grow again when places are given back', () => {
    const shares = new Shares(4)
    expect([take(shares, 'a'), take(shares, 'b')]).to.deep.equal([2, 1])
    shares.giveBack('a')
    expect(shares.mayTake('a')).to.equal(true)
    expect(take(shares, 'a')).to.equal(1)
    for (const client of ['a', 'a', 'b']) shares.giveBack(client)
    expect(take(shares, 'b')).to.equal(2)
  })

  it('do not bound who speaks for many, but he leaves less to others', () => {
    const shares = new Shares(10)
    expect(take(shares, null, 7)).to.equal(7)
    expect(take(shares, 'a')).to.equal(2)
    expect(take(shares, null)).to.equal(1)
    expect(take(shares, 'b')).to.equal(0)
    shares.giveBack(null)
    expect(take(shares, 'b')).to.equal(1)
  })

  it('are never more than there is, and leave a place for who has none while there are more places than clients', () => {
    const PLACES = 12
    const step = fc.record({ client: fc.integer({ min: 0, max: 6 }), takes: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const shares = new Shares(PLACES)
        const held = new Map<number, number>()
        const all = () => [...held.values()].reduce((sum, count) => sum + count, 0)
        for (const { client, takes } of steps) {
          const had = held.get(client) ?? 0
          if (!takes && had > 0) {
            shares.giveBack(String(client))
            held.set(client, had - 1)
          } else if (takes) {
            const free = PLACES - all()
            expect(shares.take(String(client))).to.equal(had < free)
            if (had < free) held.set(client, had + 1)
          }
          expect(all()).to.be.at.most(PLACES)
          if (client !== 6) expect(shares.mayTake('a newcomer')).to.equal(all() < PLACES)
        }
      }),
    )
  })
})
