import { isIPv4 } from 'node:net'
import { expect } from 'chai'
import { canonicalAddress, networkAddress } from '../../lib/base/ip-address.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { type Address, asOneNumber, randomAddress, spell } from '../support/random-addresses.ts'

const ROUNDS = 3000

describe('an IP address', () => {
  for (const [text, canonical] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::1.2.3.4', '::102:304'],
    ['::ffff:0:1.2.3.4', '::ffff:0:102:304'],
    ['::ffff:1', '::ffff:1'],
    ['::ffff:0.0.0.0', '0.0.0.0'],
  ] as const)
    it(`has one text: ${text} is ${canonical}`, () => expect(canonicalAddress(text)).to.equal(canonical))

  for (const text of [
    ...['', ' ', 'localhost', '010.0.0.1', '10.0.0', '167772161', '0x0a000001', '10.0.0.256', '10.0.0.1 '],
    ...[
      '[::1]',
      'fe80::1%eth0',
      '::1%',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '12345::',
      '::ffff:010.0.0.1',
      '٣.0.0.1',
    ],
  ])
    it(`is none: ${JSON.stringify(text)}`, () => expect(canonicalAddress(text)).to.equal(null))

  it('has the same text however it is written, and another one has another', () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    const byValue = new Map<string, bigint>()
    for (let round = 0; round < ROUNDS; round++) {
      const address = randomAddress(random)
      const text = spell(address, random)
      const canonical = canonicalAddress(text)!
      const hint = `seed ${seed}: ${text} became ${canonical}`
      expect(canonicalAddress(canonical), hint).to.equal(canonical)
      expect(canonicalAddress(spell(address, random)), hint).to.equal(canonical)
      expect(isIPv4(canonical), hint).to.equal(address.bits === 32)
      expect(byValue.get(canonical) ?? asOneNumber(address), hint).to.equal(asOneNumber(address))
      byValue.set(canonical, asOneNumber(address))
    }
  })

  it('is in the network of its first bits', () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    for (let round = 0; round < ROUNDS; round++) {
      const address = randomAddress(random)
      const prefixLength = random(address.bits + 1)
      const shift = BigInt(address.bits - prefixLength)
      const network: Address = { ...address, number: (address.number >> shift) << shift }
      const canonical = canonicalAddress(spell(address, random))!
      expect(networkAddress(canonical, prefixLength), `seed ${seed}: ${canonical}/${prefixLength}`).to.equal(
        canonicalAddress(spell(network, random)),
      )
    }
  })
})
