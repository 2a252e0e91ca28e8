import { expect } from 'chai'
import fc from 'fast-check'
import { MAX_TARGET_LENGTH, normalTarget } from '../../lib/banners/target.ts'
import { ClickCounterError } from '../../lib/base/errors.ts'

const HOST = 'https://shop.example/'

/** Texts that lead elsewhere than they seem to, or into a header, by what is wrong with them. */
const hostile: Readonly<Record<string, readonly string[]>> = {
  'must begin with https:// or http:// and a host': [
    ...['', 'shop.example', '/autumn', '//evil.example/', '///evil.example/', '?a', '#a', '.', 'autumn'],
    ...['javascript:alert(1)', 'JavaScript://shop.example/%0aalert(1)', 'data:text/html,x', 'vbscript:x'],
    ...['file:///etc/passwd', 'ftp://shop.example/', 'ws://shop.example/', 'blob:https://shop.example/1'],
    ...['view-source:https://shop.example/', 'mailto:a@shop.example', 'about:blank', 'intent://a#Intent;end'],
    ...[
      'https:evil.example',
      'https:/evil.example',
      'https:///evil.example',
      'https://',
      'http://?a',
      'http://#a',
    ],
    ...['xhttps://shop.example/', '{banner_id}://shop.example/'],
    ...['{click_id}', '{ts}https://shop.example/', 'https{ts}://shop.example/', '"https://shop.example/"'],
  ],
  'holds a backslash': [
    ...[
      '\\\\evil.example\\',
      'https:\\\\evil.example',
      'https://shop.example\\@evil.example/',
      'https:/\\evil',
    ],
    ...['https://shop.example/\\evil.example', 'https://shop.example/?a=\\', '/\\evil.example'],
  ],
  'has a user name or a password': [
    ...[
      'https://shop.example@evil.example/',
      'https://shop.example:443@evil.example/',
      'https://a:b@shop.example/',
    ],
    ...[
      'https://:b@shop.example/',
      'https://shop.example%2F@evil.example/',
      'https://{click_id}@shop.example/',
    ],
    ...['https://a:{ts}@shop.example/', 'https://shop.example@{ts}@evil.example/'],
  ],
  'holds a blank or a control character': [
    ...[
      ' https://shop.example/',
      'https://shop.example/ ',
      'https://shop.example/a b',
      'java\nscript:alert(1)',
    ],
    ...[
      'java\tscript:alert(1)',
      '\0https://shop.example/',
      '\x01javascript:alert(1)',
      'https://shop\n.example/',
    ],
    ...['https://shop.example/\r\nSet-Cookie: a=b', 'https://shop.example/\r', 'https://shop.example/\x7f'],
    ...['\x80', '\x85', '\xa0', '\xad', '\u1680', '\u180e', '\u200b', '\u200d', '\u200e', '\u2028', '\u2029']
      .concat('\u202e', '\u2060', '\u2066', '\u3000', '\ufeff', '\ufff9', '\ue000', '\ud800', '\u{e0001}')
      .map(character => `${HOST}a${character}b`),
  ],
  'has a macro in its host': [
    ...['https://{banner_id}/', 'https://{banner_id}.evil.example/', 'https://shop.example.{ts}/'],
    ...['https://shop{click_id}.example/', 'https://{ts}', 'https://{ts}?a', 'https://shop.{banner_id}#a'],
  ],
  'is no URL': [
    ...[
      'https://shop.example:99999/',
      'https://shop.example:x/',
      'https://shop.example:{ts}/',
      'https://[::1/',
    ],
    ...['https://256.256.256.256/', 'https://1.2.3.4.5/', 'https://%/', 'https://shop%00.example/'],
    ...[
      'https://shop.example%2fevil.example/',
      'https://shop.example%0d%0a/',
      'https://a<b/',
      'https://a^b/',
    ],
    // What these letters stand for would end the host.
    ...[
      'https://shop.example\u2100evil.example/',
      'https://shop.example\uff0fevil.example/',
      'https://\uff03/',
    ],
    ...['https://shop.example\uff1aevil/', 'https://a|b/'],
  ],
  'has a host that is neither a name nor an address': [
    // They would become macros: a parser spells hosts in lower case, and decodes them.
    ...[
      'https://{BANNER_ID}/',
      'https://{Click_Id}.evil.example/',
      'https://%7Bts%7D/',
      'https://{t%73}.example/',
    ],
    ...[
      'https://{banner}.example/',
      "https://shop'.example/",
      'https://shop.example&a/',
      'https://(shop)/',
      'https://*/',
    ],
  ],
  'must not hold the word': ['https://clickcountermacro/', 'https://shop.example/?a=clickcountermacro'],
  'are allowed': [
    `${HOST}${'a'.repeat(MAX_TARGET_LENGTH - HOST.length + 1)}`,
    // Short until the macros are filled in.
    `${HOST}${'{click_id}'.repeat(57)}`,
    `${HOST}?${'{ts}'.repeat(157)}`,
    // Short until it is encoded.
    `${HOST}${'ü'.repeat(400)}`,
  ],
}

const right: Readonly<Record<string, string>> = {
  'https://shop.example': HOST,
  'HTTPS://Shop.Example:443/A/../B?c=D#E': 'https://shop.example/B?c=D#E',
  'http://127.0.0.1:8080/?a=b&a=c': 'http://127.0.0.1:8080/?a=b&a=c',
  'http://[2001:DB8::1]/': 'http://[2001:db8::1]/',
  'https://bücher.example/ä?ö=ü#ß': 'https://xn--bcher-kva.example/%C3%A4?%C3%B6=%C3%BC#%C3%9F',
  'https://shop。example/': HOST,
  'https://shop.example/%0d%0aSet-Cookie:%20a=b': 'https://shop.example/%0d%0aSet-Cookie:%20a=b',
  'https://shop.example/?a=%00&b=javascript:alert(1)': 'https://shop.example/?a=%00&b=javascript:alert(1)',
  'https://shop.example/?next=//evil.example': 'https://shop.example/?next=//evil.example',
  'https://shop.example/{banner_id}/{ts}?c={click_id}&c={click_id}#{ts}':
    'https://shop.example/{banner_id}/{ts}?c={click_id}&c={click_id}#{ts}',
  // A macro that goes away with its segment leaves the others what they are.
  'https://shop.example/{ts}/../{click_id}/{banner_id}': 'https://shop.example/{click_id}/{banner_id}',
  // What is no macro is encoded as in any URL.
  'https://shop.example/{Banner_Id}?{x}': 'https://shop.example/%7BBanner_Id%7D?{x}',
  'https://shop.example/\'"<>`?\'"<>`': "https://shop.example/'%22%3C%3E%60?%27%22%3C%3E`",
}

function faultOf(text: string): string {
  try {
    normalTarget(text)
  } catch (error) {
    if (error instanceof ClickCounterError && error.code === 'BANNER_INVALID') return error.message
    throw error
  }
  return expect.fail(`${JSON.stringify(text)} was taken`)
}

describe('a target', () => {
  for (const [fault, texts] of Object.entries(hostile))
    it(`is refused when it ${fault}`, () => {
      for (const text of texts) {
        const message = faultOf(text)
        expect(message, JSON.stringify(text)).to.include(fault)
        // The message goes into logs and answers, and so must not bring the trick along.
        expect(message).to.match(/^the target [ -~]+$/)
      }
    })

  for (const [text, target] of Object.entries(right))
    it(`is ${target} when it is given as ${text}`, () => expect(normalTarget(text)).to.equal(target))

  it('may be as long as is allowed, with its macros filled in', () => {
    const longest = HOST + 'a'.repeat(MAX_TARGET_LENGTH - HOST.length)
    expect(normalTarget(longest)).to.equal(longest)
    const filled = `${HOST}{click_id}${'a'.repeat(MAX_TARGET_LENGTH - HOST.length - 36)}`
    expect(normalTarget(filled)).to.equal(filled)
    expect(faultOf(`${filled}a`)).to.include('has 2049 characters, and 2048 are allowed')
  })

  it('is one line of ASCII of http or https, is stable, and names nobody in front of its host, whatever is given', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...[
          'https://',
          'http://',
          '//',
          '/',
          '\\',
          '@',
          ':',
          '?',
          '#',
          '&',
          '=',
          '%',
          '%0d%0a',
          '..',
          'shop.example',
        ],
        ...[
          '{banner_id}',
          '{click_id}',
          '{ts}',
          '{',
          '}',
          '{BANNER_ID}',
          '%7Bts%7D',
          'javascript:',
          '\r\n',
          '\t',
          '\u202e',
          'ü',
          '443',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    )
    const text = fc
      .tuple(
        fc.constantFrom('https://shop.example', 'http://', 'HTTPS://a', ''),
        fc.array(piece, { maxLength: 8 }),
      )
      .map(([beginning, pieces]) => beginning + pieces.join(''))
    let taken = 0
    fc.assert(
      fc.property(text, given => {
        let target: string
        try {
          target = normalTarget(given)
        } catch {
          return
        }
        taken++
        expect(target).to.match(/^https?:\/\/(?:[a-z\d_.-]+|\[[\da-f:.]+\])(?::\d+)?\/[!-~]*$/)
        expect(normalTarget(target)).to.equal(target)
        const { username, password, host } = new URL(target)
        expect([username, password]).to.deep.equal(['', ''])
        expect(target.startsWith(`${new URL(target).protocol}//${host}/`)).to.equal(true)
      }),
      { numRuns: 20_000 },
    )
    expect(taken).to.be.above(500)
  })
})
