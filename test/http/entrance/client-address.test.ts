import { expect } from 'chai'
import { canonicalAddress } from '../../../lib/base/ip-address.ts'
import { ClientAddresses, networkOf } from '../../../lib/http/entrance/client-address.ts'
import { newSeed, seededRandom } from '../../support/random.ts'
import { type Address, randomAddress, spell } from '../../support/random-addresses.ts'

const PEER = '10.0.0.1'
const CLIENT = '203.0.113.9'
const TRUSTED = ['10.0.0.0/8', '192.168.1.7', '2001:db8:ffff::/48', '::1']

/** Who the client is, and whether the header counted as malformed. */
function seen(forwardedFor: string | undefined, peer: string | undefined = PEER, trusted = TRUSTED) {
  let malformed = 0
  const addresses = new ClientAddresses(trusted, () => malformed++)
  return { client: addresses.of(peer, forwardedFor), malformed }
}

const known = (client: string) => ({ client, malformed: 0 })
const malformed = { client: PEER, malformed: 1 }

describe("the client's address", () => {
  describe('is that of the peer', () => {
    it('when the peer is not trusted, whatever it sends', () => {
      for (const sent of [undefined, '', CLIENT, '10.0.0.2', 'nonsense', ','.repeat(1000)]) {
        expect(seen(sent, '198.51.100.4')).to.deep.equal(known('198.51.100.4'))
        expect(seen(sent, PEER, [])).to.deep.equal(known(PEER))
      }
    })

    it('when a trusted peer sends nothing', () => expect(seen(undefined)).to.deep.equal(known(PEER)))

    it('in one text, however the system writes it', () => {
      expect(seen(undefined, '::ffff:198.51.100.4')).to.deep.equal(known('198.51.100.4'))
      expect(seen(CLIENT, '::ffff:10.0.0.1')).to.deep.equal(known(CLIENT))
      expect(seen(undefined, 'fe80::1%eth0')).to.deep.equal(known('fe80::1'))
      expect(seen(CLIENT, 'fe80::1%eth0', ['fe80::/10'])).to.deep.equal(known(CLIENT))
    })

    it('and unknown when the connection is closed', () => {
      const addresses = new ClientAddresses(['0.0.0.0/0', '::/0'], () => {})
      expect(addresses.of(undefined, CLIENT)).to.equal('unknown')
      expect(addresses.isTrusted(undefined)).to.equal(false)
    })
  })

  describe('is the first one from the right that is not trusted', () => {
    for (const [forwardedFor, client] of [
      [CLIENT, CLIENT],
      [`${CLIENT}, 10.0.0.2`, CLIENT],
      [`1.1.1.1, ${CLIENT}, 10.0.0.2, 192.168.1.7, ::1`, CLIENT],
      [`10.9.9.9, ${CLIENT}`, CLIENT],
      [`\t${CLIENT} ,\t10.0.0.2 `, CLIENT],
      [`${CLIENT}:50123`, CLIENT],
      [`${CLIENT}:1,10.0.0.2:80,[::1]:443,[2001:db8:ffff::5]`, CLIENT],
      ['[2001:DB8::1]:50123', '2001:db8::1'],
      ['[2001:db8::1]', '2001:db8::1'],
      ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
      [`::ffff:${CLIENT}`, CLIENT],
      [`::ffff:${CLIENT}, ::ffff:10.0.0.2`, CLIENT],
      ['192.168.1.8', '192.168.1.8'],
    ] as const)
      it(`as in ${JSON.stringify(forwardedFor)}`, () =>
        expect(seen(forwardedFor)).to.deep.equal(known(client)))
  })

  it('is the leftmost one when all are trusted', () => {
    expect(seen('10.0.0.3, 10.0.0.2')).to.deep.equal(known('10.0.0.3'))
    expect(seen(`${CLIENT}, 10.0.0.2`, PEER, ['0.0.0.0/0'])).to.deep.equal(known(CLIENT))
  })

  describe('does not depend on what the client sends to the first proxy', () => {
    for (const [what, forged] of Object.entries({
      'another address': '1.1.1.1',
      'the address of a proxy': '10.0.0.2',
      'no address': 'unknown, _hidden, "quoted", for=1.1.1.1, fe80::1%eth0, 010.0.0.1, ÿ\xa0, <script>',
      'empty parts': ',, ,\t,',
      '10 KB': 'x'.repeat(10_240),
      '10 KB of spaces': ' '.repeat(10_240),
      '1000 hops': Array(1000).fill('10.0.0.2').join(', '),
      '10 000 commas': ','.repeat(10_000),
    }))
      it(`as in ${what}`, () => {
        for (const proxies of ['', ', 10.0.0.2', ', 10.0.0.2, ::1'])
          expect(seen(`${forged}, ${CLIENT}${proxies}`)).to.deep.equal(known(CLIENT))
      })
  })

  describe("is the peer's, and counted, when a trusted proxy sends", () => {
    for (const [what, forwardedFor] of Object.entries({
      nothing: '',
      'spaces alone': ' \t ',
      'an empty part': `${CLIENT}, `,
      'an empty part before a proxy': `${CLIENT},,10.0.0.2`,
      unknown: 'unknown',
      'a hidden name': `_hidden`,
      'a host name': 'client.example',
      quotes: `"${CLIENT}"`,
      'the syntax of Forwarded': `for=${CLIENT}`,
      'leading zeros': '010.0.0.1',
      'a short form': '10.1',
      'a number': '167772161',
      'a zone': 'fe80::1%eth0',
      'a zone in brackets': '[fe80::1%25eth0]:80',
      'a port of six digits': `${CLIENT}:123456`,
      'IPv6 with a port and no brackets': '2001:db8::1:2:3:4:5:6:7:8',
      'IPv4 in brackets': `[${CLIENT}]:80`,
      'an open bracket': '[2001:db8::1',
      'a range': '203.0.113.0/24',
      'bytes beyond ASCII': `${CLIENT}ÿ`,
      'a space of Latin-1': `\xa0${CLIENT}`,
      'digits of another script': '٢٠٣.0.113.9',
      'two without a comma': `${CLIENT} 10.0.0.2`,
      'a line end': `${CLIENT}\r\n`,
      'an address with 10 KB of spaces': `${CLIENT}${' '.repeat(10_240)}`,
      '10 KB without a comma': '1'.repeat(10_240),
      '1000 proxies': Array(1000).fill('10.0.0.2').join(', '),
      '32 proxies before the client': `${CLIENT}${', 10.0.0.2'.repeat(32)}`,
      '10 000 commas': ','.repeat(10_000),
    }))
      it(what, () => expect(seen(forwardedFor)).to.deep.equal(malformed))
  })

  it('is found behind 31 proxies', () =>
    expect(seen(`${CLIENT}${', 10.0.0.2'.repeat(31)}`)).to.deep.equal(known(CLIENT)))

  it('tells IPv4 from ranges of IPv6', () => {
    expect(seen(CLIENT, PEER, ['::/0'])).to.deep.equal(known(PEER))
    expect(seen(CLIENT, '2001:db8::1', ['0.0.0.0/0'])).to.deep.equal(known('2001:db8::1'))
  })

  it('is what a model finds, in random chains', () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    for (let round = 0; round < 3000; round++) {
      const ranges = Array.from({ length: random(4) }, () => rangeAround(randomAddress(random), random))
      const chain = Array.from({ length: 1 + random(5) }, () =>
        random(12) === 0 ? null : randomAddress(random),
      )
      const peer = randomAddress(random)
      const header = chain
        .map(hop => spaced(hop === null ? 'unknown' : withPort(spell(hop, random), random), random))
        .join(',')
      const trusted = ranges.map(({ network, prefixLength }) => {
        const text = canonicalAddress(spell(network, random))!
        return prefixLength === network.bits ? text : `${text}/${prefixLength}`
      })
      const expected = modelled(peer, chain, ranges)
      const hint = `seed ${seed}: ${JSON.stringify({ header, trusted })}`
      const { client, malformed } = seen(header, spell(peer, random), trusted)
      expect(client, hint).to.equal(canonicalAddress(spell(expected.client, random)))
      expect(malformed, hint).to.equal(expected.isMalformed ? 1 : 0)
    }
  })
})

describe('clients are told apart', () => {
  for (const [address, network] of [
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['::1', '::/64'],
    ['unknown', 'unknown'],
  ] as const)
    it(`${address} by ${network}`, () => expect(networkOf(address)).to.equal(network))

  it('by all of IPv4, and by the first 64 bits of IPv6', () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    const keyOf = ({ bits, number }: Address) => `${bits} ${bits === 32 ? number : number >> 64n}`
    for (let round = 0; round < 3000; round++) {
      const [a, b] = [randomAddress(random), randomAddress(random)]
      const network = (address: Address) => networkOf(canonicalAddress(spell(address, random))!)
      expect(network(a) === network(b), `seed ${seed}: ${network(a)}, ${network(b)}`).to.equal(
        keyOf(a) === keyOf(b),
      )
    }
  })
})

interface Range {
  readonly network: Address
  readonly prefixLength: number
}

function rangeAround({ bits, number }: Address, random: (limit: number) => number): Range {
  const prefixLength = bits - random(bits + 1)
  const shift = BigInt(bits - prefixLength)
  return { network: { bits, number: (number >> shift) << shift }, prefixLength }
}

/** What is to be found: the rule once more, in numbers and from the left. */
function modelled(peer: Address, chain: readonly (Address | null)[], ranges: readonly Range[]) {
  const isTrusted = ({ bits, number }: Address) =>
    ranges.some(({ network, prefixLength }) => {
      const shift = BigInt(bits - prefixLength)
      return network.bits === bits && number >> shift === network.number >> shift
    })
  if (!isTrusted(peer)) return { client: peer, isMalformed: false }
  let found: Address | null = chain[0]!
  for (const hop of chain) if (hop === null || !isTrusted(hop)) found = hop
  return { client: found ?? peer, isMalformed: found === null }
}

function withPort(address: string, random: (limit: number) => number): string {
  const isPlain = random(2) === 0
  if (address.includes(':')) return isPlain ? address : `[${address}]${random(2) === 0 ? '' : ':443'}`
  return isPlain ? address : `${address}:${random(65_536)}`
}

function spaced(text: string, random: (limit: number) => number): string {
  const space = () => ['', ' ', '\t', '  '][random(4)]
  return `${space()}${text}${space()}`
}
