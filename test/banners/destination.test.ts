import { expect } from 'chai'
import fc from 'fast-check'
import { Destination, MAX_PARAMETERS, MAX_URL_LENGTH } from '../../lib/banners/destination.ts'
import { normalTarget } from '../../lib/banners/target.ts'

const NOW_MS = 1_764_240_000_123
const HOST = 'https://shop.example/'
const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

function urlOf(target: string, passQuery: readonly string[] = [], query = '', bannerId = 7): string {
  return new Destination(bannerId, target, passQuery).urlFor(query, NOW_MS)
}

describe('the macros of a target', () => {
  it('are filled in wherever they stand', () => {
    expect(urlOf(`${HOST}{banner_id}/a{ts}?b={banner_id}{ts}#{ts}-{banner_id}`)).to.equal(
      `${HOST}7/a${NOW_MS}?b=7${NOW_MS}#${NOW_MS}-7`,
    )
    expect(urlOf(`${HOST}?{banner_id}`, [], '', 2 ** 31 - 1)).to.equal(`${HOST}?2147483647`)
  })

  it('give a click one UUIDv7, and each click another one, in the order of time', () => {
    const destination = new Destination(7, `${HOST}{click_id}?a={click_id}`, [])
    const urls = Array.from({ length: 1000 }, () => destination.urlFor('', NOW_MS))
    const ids = urls.map(url => {
      const [, id, again] = /\/([^/?]+)\?a=(.*)$/.exec(url)!
      expect(id).to.match(UUID_V7).and.equal(again)
      return id!
    })
    expect(new Set(ids)).to.have.lengthOf(ids.length)
    const times = ids.map(id => id.slice(0, 13))
    expect(times).to.deep.equal([...times].sort())
  })

  it('make each click an answer of its own, unless they are the same for all', () => {
    const differs = (target: string, passQuery: string[] = []) => {
      const { hasMacros, takesParameters } = new Destination(7, target, passQuery)
      return [hasMacros, takesParameters]
    }
    expect(differs(HOST)).to.deep.equal([false, false])
    expect(differs(`${HOST}{banner_id}?{banner_id}{x}#{banner_id}`)).to.deep.equal([false, false])
    expect(differs(`${HOST}?a=c`, ['a'])).to.deep.equal([false, false])
    expect(differs(HOST, ['a'])).to.deep.equal([false, true])
    expect(differs(`${HOST}{ts}`)).to.deep.equal([true, false])
    expect(differs(`${HOST}#{click_id}`, ['a'])).to.deep.equal([true, true])
  })
})

/** The parameters that go along, by name: target, query of the click, URL. */
const passed: Readonly<Record<string, readonly [target: string, query: string, url: string]>> = {
  'one that is named': [HOST, 'a=b', `${HOST}?a=b`],
  'none that is not': [HOST, 'x=y&aa=b&A=b&a%00=b', HOST],
  'none of a click without a query': [HOST, '', HOST],
  'every value, in the order of the click': [HOST, 'b=1&x=0&a=2&b=3&a=2', `${HOST}?b=1&a=2&b=3&a=2`],
  'one without a value': [HOST, 'a&b=', `${HOST}?a=&b=`],
  'one whose name is encoded': [HOST, '%61=1&%7E%2e=2', `${HOST}?a=1&%7E.=2`],
  'behind what the target has': [`${HOST}?x=y`, 'a=b', `${HOST}?x=y&a=b`],
  'behind an empty query': [`${HOST}?`, 'a=b', `${HOST}?a=b`],
  'behind an ampersand': [`${HOST}?x&`, 'a=b', `${HOST}?x&a=b`],
  'behind a value that ends with a question mark': [`${HOST}?x=y?`, 'a=b', `${HOST}?x=y?&a=b`],
  'before the fragment': [`${HOST}?x=y#a?b`, 'a=b', `${HOST}?x=y&a=b#a?b`],
  'before a fragment with a question mark': [`${HOST}#?a=c`, 'a=b', `${HOST}?a=b#?a=c`],
  'none that the target has': [`${HOST}?a=1&b=2`, 'a=3&b=4&~.=5', `${HOST}?a=1&b=2&%7E.=5`],
  'none that the target has without a value': [`${HOST}?a&%62`, 'a=3&b=4', `${HOST}?a&%62`],
  'none that the target has by a macro': [`${HOST}?b{banner_id}=1`, 'b7=2&a=3', `${HOST}?b7=1&a=3`],
  'a plus for a blank': [HOST, 'a=b+c%20d%2Be', `${HOST}?a=b+c+d%2Be`],
  'what would end a parameter': [HOST, 'a=%26b%3D%3Bc%23d', `${HOST}?a=%26b%3D%3Bc%23d`],
  'what would begin a query or a path': [
    HOST,
    'a=?b/../c//evil.example',
    `${HOST}?a=%3Fb%2F..%2Fc%2F%2Fevil.example`,
  ],
  'line ends': [
    HOST,
    'a=%0d%0aSet-Cookie:%20b=c%0D%0A%0D%0A',
    `${HOST}?a=%0D%0ASet-Cookie%3A+b%3Dc%0D%0A%0D%0A`,
  ],
  'a NUL and other control characters': [HOST, 'a=%00%01%1b%7f', `${HOST}?a=%00%01%1B%7F`],
  'UTF-8': [HOST, 'a=%C3%BC%F0%9F%98%80', `${HOST}?a=%C3%BC%F0%9F%98%80`],
  'overlong UTF-8, as what stands for any mistake': [
    HOST,
    'a=%C0%AF%C0%8D',
    `${HOST}?a=${'%EF%BF%BD'.repeat(4)}`,
  ],
  'halves of surrogates': [HOST, 'a=%ED%A0%80', `${HOST}?a=${'%EF%BF%BD'.repeat(3)}`],
  'a percent sign without digits': [HOST, 'a=%&b=%zz', `${HOST}?a=%25&b=%25zz`],
  'a macro, which stays a text': [
    `${HOST}{ts}`,
    'a={click_id}{ts}',
    `${HOST}${NOW_MS}?a=%7Bclick_id%7D%7Bts%7D`,
  ],
  'a name behind a second question mark': [HOST, '?a=1&a=2', `${HOST}?a=2`],
}

describe('the parameters of a click', () => {
  const names = ['a', 'b', 'b7', '~.']
  for (const [what, [target, query, url]] of Object.entries(passed))
    it(`bring along ${what}`, () => expect(urlOf(target, names, query)).to.equal(url))

  it('go along as long as they fit, whole, and in their order', () => {
    const room = MAX_URL_LENGTH - `${HOST}?a=`.length
    expect(urlOf(HOST, names, `a=${'x'.repeat(room)}`)).to.have.lengthOf(MAX_URL_LENGTH)
    expect(urlOf(HOST, names, `a=${'x'.repeat(room + 1)}`)).to.equal(HOST)
    expect(urlOf(HOST, names, `a=${'x'.repeat(8192)}&b=1`)).to.equal(HOST)
    // Each byte becomes three.
    expect(urlOf(HOST, names, `b=1&a=${'%'.repeat(room / 2)}`)).to.equal(`${HOST}?b=1`)
    const fragment = `#${'f'.repeat(1000)}`
    expect(urlOf(HOST + fragment, names, `a=${'x'.repeat(room - 1001)}`)).to.have.lengthOf(MAX_URL_LENGTH)
    expect(urlOf(HOST + fragment, names, `a=${'x'.repeat(room - 1000)}`)).to.equal(HOST + fragment)
  })

  it('are looked at up to a number, however many there are', () => {
    const others = 'x&'.repeat(MAX_PARAMETERS - 1)
    expect(urlOf(HOST, names, `${others}a=1&b=2`)).to.equal(`${HOST}?a=1`)
    const startedAtMs = performance.now()
    for (let nth = 0; nth < 100; nth++) urlOf(HOST, names, 'a&'.repeat(16_000))
    // Of 3 ms each, if all were looked at.
    expect((performance.now() - startedAtMs) / 100).to.be.below(1)
  })

  it('never decide the host, the path, the fragment or what the target has itself', () => {
    const targets = [
      HOST,
      `${HOST}a/b?x=1&a=2#f`,
      `${HOST}?`,
      'http://shop.example:8080/{banner_id}?c={click_id}#{ts}',
    ]
      .concat(`${HOST}?a={ts}&`, `${HOST}?a=b?`, `${HOST}#`, 'https://[2001:db8::1]/?%61=1&b#?a=b')
      .map(normalTarget)
    const piece = fc.oneof(
      fc.constantFrom(
        ...[
          'a',
          'b',
          '~',
          '=',
          '&',
          '?',
          '#',
          '/',
          '//',
          '\\',
          '@',
          ':',
          ';',
          '+',
          '%',
          '%0d%0a',
          '%00',
          '%23',
          '%26',
        ],
        ...[
          '%c0%af',
          '%2F',
          '{ts}',
          '{banner_id}',
          'https://evil.example/',
          '\r\n',
          'Set-Cookie: a',
          '\0',
          'ü',
          '\xff',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    const query = fc.array(piece, { maxLength: 30 }).map(pieces => pieces.join(''))
    fc.assert(
      fc.property(fc.constantFrom(...targets), fc.subarray(names), query, (target, passQuery, sent) => {
        const text = urlOf(target, passQuery, sent)
        expect(text).to.match(/^https?:\/\/[!-~]+$/)
        expect(text.length).to.be.at.most(MAX_URL_LENGTH)
        const [url, bare] = [new URL(text), new URL(urlOf(target))]
        for (const part of ['protocol', 'username', 'host', 'pathname', 'hash'] as const)
          if (!target.includes('{click_id}')) expect(url[part]).to.equal(bare[part])
        const own = [...bare.searchParams]
        const all = [...url.searchParams]
        if (!target.includes('{click_id}')) expect(all.slice(0, own.length)).to.deep.equal(own)
        const ownNames = own.map(([name]) => name)
        const added = all.slice(own.length).map(([name]) => name)
        expect(added.filter(name => ownNames.includes(name) || !passQuery.includes(name))).to.deep.equal([])
      }),
      { numRuns: 5000 },
    )
  })
})
