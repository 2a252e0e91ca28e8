import { expect } from 'chai'
import { canonicalAddress, networkAddress } from '../../lib/base/ip-address.ts'
import { addressWords, IPV4_WORDS, IPV6_WORDS, readAddress } from '../../lib/bots/address-words.ts'
import { packRanges } from '../../lib/bots/pack-ranges.ts'
import { RangeTable } from '../../lib/bots/range-table.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { type Address, randomAddress, spell } from '../support/random-addresses.ts'

const canonical = (address: Address) => canonicalAddress(spell(address, () => 0))!
const wordsOf = (bits: Address['bits']) => (bits === 32 ? IPV4_WORDS : IPV6_WORDS)

function read(): bigint {
  return addressWords.reduce((number, word) => (number << 32n) | BigInt(word), 0n)
}

describe('a table of ranges', () => {
  it('reads each canonical address as the number that it is, and no other text', () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    for (let nth = 0; nth < 5000; nth++) {
      const address = randomAddress(random)
      const text = canonical(address)
      expect(readAddress(text), `${text}, seed ${seed}`).to.equal(wordsOf(address.bits))
      const number = address.bits === 32 ? BigInt(addressWords[0]!) : read()
      expect(number, `${text}, seed ${seed}`).to.equal(address.number)
    }
    for (const text of ['::', '::1', '1::', 'fe80::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])
      expect(readAddress(text)).to.equal(IPV6_WORDS)
    expect(readAddress('unknown')).to.equal(0)
  })

  it('finds what a plain comparison with each range finds', () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    for (let round = 0; round < 60; round++)
      for (const bits of [32, 128] as const) {
        const some = Array.from({ length: 400 }, () => randomAddress(random)).filter(
          each => each.bits === bits,
        )
        const ranges = some.slice(0, random(40)).map(address => rangeAround(address, 1 + random(bits)))
        const table = new RangeTable(
          packRanges(
            ranges.map(({ text }) => text),
            wordsOf(bits),
          ),
          wordsOf(bits),
        )
        for (const address of some) {
          readAddress(canonical(address))
          const isIn = ranges.some(({ first, last }) => first <= address.number && address.number <= last)
          expect(
            table.hasRead(),
            `${canonical(address)} in ${ranges.map(({ text }) => text)}, seed ${seed}`,
          ).to.equal(isIn)
        }
      }
  })

  it('makes one of ranges that overlap or touch', () => {
    const packed = packRanges(
      ['10.0.2.0/24', '10.0.0.0/23', '10.0.1.7', '10.0.4.0/24', '255.255.255.255'],
      IPV4_WORDS,
    )
    expect([...packed]).to.deep.equal([
      0x0a000000, 0x0a0002ff, 0x0a000400, 0x0a0004ff, 0xffffffff, 0xffffffff,
    ])
    expect([...packRanges(['::/1', '8000::/1'], IPV6_WORDS)]).to.deep.equal([
      ...[0, 0, 0, 0],
      ...[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    ])
    expect(packRanges([], IPV4_WORDS)).to.have.length(0)
  })
})

function rangeAround({ bits, number }: Address, prefixLength: number) {
  const hostBits = BigInt(bits - prefixLength)
  const first = (number >> hostBits) << hostBits
  const network = networkAddress(canonical({ bits, number }), prefixLength)
  return { first, last: first + (1n << hostBits) - 1n, text: `${network}/${prefixLength}` }
}
