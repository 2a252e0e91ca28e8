import { expect } from 'chai'
import fc from 'fast-check'
import { FactReader } from '../../../lib/http/entrance/facts.ts'
import type { Head } from '../../../lib/http/lane/head.ts'
import { hotRequestParser } from '../../../lib/http/lane/hot-request.ts'
import { corpus } from './corpus/corpus.ts'
import { GET, HOST, POST } from './corpus/parts.ts'
import { readRequest } from './http-reader.ts'
import { cutEverywhere } from './scripts.ts'

const SEED = Number(process.env.CLICKCOUNTER_TEST_LANE_SEED ?? 20261122)
const facts = new FactReader(['user-agent', 'x-forwarded-for'])
const parseHotRequest = hotRequestParser(facts)
const MEANINGFUL = ['transfer-encoding', 'upgrade', 'expect', 'purpose', 'sec-purpose', 'x-purpose', 'x-moz']

const STATUSES = { counter: 204, pixel: 200, click: 302 }

/** The answer and the banner that is clicked. */
function meaningOf(method: string, path: string): { status: number; bannerId: number | null } {
  const [, start, name, ...more] = path.split('/')
  if (!['counter', 'click'].includes(start!) || !name || more.length > 0)
    return { status: 404, bannerId: null }
  const isPixel = start === 'counter' && name.length > 4 && name.endsWith('.gif')
  const isFollowed = start === 'click'
  if (!(isPixel || isFollowed ? ['GET'] : ['GET', 'POST']).includes(method))
    return { status: 405, bannerId: null }
  const id = isPixel ? name.slice(0, -4) : name
  const bannerId = Number.parseInt(id, 10)
  if (!(bannerId >= 1 && bannerId < 2 ** 31) || id !== String(bannerId))
    return { status: 400, bannerId: null }
  return { status: isFollowed ? 302 : isPixel ? 200 : 204, bannerId }
}

/** Why the request that the lane takes is not what it takes it for, by the strict reader; null when it is. */
function objection(text: string, knownHead: Head | null): string | null {
  const hot = parseHotRequest(text, 0, knownHead)
  if (hot === null) return null
  const request = readRequest(Buffer.from(text, 'latin1'), 0)
  if (request === null) return 'no request'
  const { method, path, query } = request
  if (!['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) || !/^\/(?:counter|click)\//.test(path))
    return `${method} ${path}`
  if (path.split('/').some(segment => segment === '.' || segment === '..')) return 'another path'
  const { status, bannerId } = meaningOf(method, path)
  const { line } = hot
  const promised = line.refusal === null ? STATUSES[line.form] : line.refusal.statusCode
  if (line.bannerId !== bannerId || promised !== status) return `of ${bannerId}, with ${status}`
  if (line.refusal === null && line.form === 'click' && line.query !== query) return `with ${query}`
  const valuesOf = (name: string) =>
    request.fields.filter(field => field[0] === name).map(([, value]) => value)
  if (request.end !== hot.end) return `ends at ${request.end}`
  if (method === 'GET' && valuesOf('content-length').length > 0) return 'a GET with a length'
  if (valuesOf('host').length !== 1) return 'not one Host'
  if (!/^[^\s/@,#?]+$/.test(valuesOf('host')[0]!)) return 'no name in Host'
  if (valuesOf('connection').some(value => value.toLowerCase() !== 'keep-alive')) return 'Connection'
  const origins = valuesOf('origin')
  const accepts = valuesOf('accept')
  if (accepts.length > 1) return 'two Accepts'
  if (hot.head.facts.wantsPage !== facts.read({ accept: accepts[0] }).wantsPage) return `for ${accepts}`
  const agents = valuesOf('user-agent')
  if (agents.length > 1 || hot.head.facts.userAgent !== (agents[0] ?? '')) return `by ${agents}`
  const forwarded = valuesOf('x-forwarded-for')
  if (forwarded.length > 1 || hot.head.facts.forwardedFor !== forwarded[0]) return `for ${forwarded}`
  if (origins.length > 1 || hot.head.facts.origin !== (origins[0] ?? null)) return `of ${origins}`
  return MEANINGFUL.find(name => valuesOf(name).length > 0) ?? null
}

const PIECES = [
  ...['\r\n', '\r', '\n', ' ', '\t', ':', ',', '\0', '\x7f', '\x80', '\xff', '?', '#', '%', 'a', 'Host'],
  ...['Connection: keep-alive', 'Connection: close', 'connection:keep-alive, te', 'Host: b', 'host:[::1]:80'],
  ...[
    'Content-Length: 0',
    'content-length:3',
    'CONTENT-LENGTH: 05',
    'Content-Length: 1, 1',
    '65536',
    '65537',
  ],
  ...[
    'GET',
    'POST',
    'PUT',
    '/',
    '/..',
    '.gif',
    '2147483648',
    'Content-Length: 1',
    'Content-Length : 1',
    'Transfer-Encoding: chunked',
    'TRANSFER-ENCODING:x',
  ],
  ...['Upgrade: h2c', 'Expect: 100-continue', 'Purpose: prefetch', 'sec-purpose:prefetch', 'X-Moz: prefetch'],
  ...['X-Purpose: preview', 'Origin: https://a.example', 'origin:null', 'ORIGIN: app://b:1 ', 'Origin: "c"'],
  ...[
    'User-Agent: a',
    'user-agent:',
    'User-Agent: \xa0 b\t ',
    'X-Forwarded-For: 192.0.2.1',
    'x-forwarded-for:\t',
    'Accept: */*',
    'Accept: text/html',
    'accept:text/html;q=0',
    'click',
    'counter',
    '/click/2?a=b',
    'A:',
    'a:b',
    ' folded',
    ': b',
    HOST,
    GET,
    '\r\n\r\n',
  ],
]
const insertion = fc.record({
  at: fc.nat(),
  cut: fc.integer({ min: 0, max: 2 }),
  piece: fc.constantFrom(...PIECES),
})

describe('the grammar of the hot lane', () => {
  it('takes nothing that a strict reader of RFC 9112 does not take for the same click', () => {
    const base = fc.constantFrom(
      `${GET}${HOST}\r\n`,
      `${GET}Accept: */*\r\n${HOST}Connection: keep-alive\r\nA: b\r\n\r\n`,
      `GET /counter/1?a=b HTTP/1.1\r\nUser-Agent: x\r\nhost: [::1]:80\r\n\r\n`,
      `POST /counter/1 HTTP/1.1\r\nContent-Length: 3\r\n${HOST}Origin: https://a.example\r\nA: b\r\n\r\nabc`,
      `POST /counter/1.gif HTTP/1.1\r\nOrigin: null\r\n${HOST}Content-Length: 12\r\n\r\n`,
      `GET /click/1?a=b HTTP/1.1\r\n${HOST}Accept: text/html\r\nA: b\r\n\r\n`,
      `DELETE /counter/a/b?c HTTP/1.1\r\n${HOST}content-length: 65535\r\n\r\n`,
      ...corpus.map(({ text }) => text).filter(text => text.length < 2000),
    )
    const cases = { taken: 0 }
    const isKnown = fc.boolean()
    fc.assert(
      fc.property(base, fc.array(insertion, { maxLength: 3 }), isKnown, (text, insertions, hasKnown) => {
        let changed = text
        for (const { at, cut, piece } of insertions) {
          const start = at % (changed.length + 1)
          changed = changed.slice(0, start) + piece + changed.slice(start + cut)
        }
        const known = hasKnown ? (parseHotRequest(text, 0, null)?.head ?? null) : null
        if (parseHotRequest(changed, 0, known) !== null) cases.taken++
        expect(objection(changed, known), JSON.stringify(changed)).to.equal(null)
      }),
      { numRuns: 30_000, seed: SEED },
    )
    expect(cases.taken, 'taken at all').to.be.above(2000)
  })

  it('takes no request of whose head a byte is missing', () => {
    for (const { text } of corpus) {
      const hot = parseHotRequest(text, 0, null)
      if (hot === null) continue
      for (const { cuts } of cutEverywhere([
        { name: '', text: text.slice(0, hot.end - (hot.head.bodyBytes ?? 0)) },
      ])) {
        const part = text.slice(0, cuts[0])
        for (const known of [null, hot.head]) expect(parseHotRequest(part, 0, known), part).to.equal(null)
      }
    }
  })

  const hostile: Record<string, (bytes: number) => string> = {
    'a header line that never ends': bytes => `${GET}${HOST}A: ${'a'.repeat(bytes)}`,
    'a name that never ends': bytes => `${GET}${HOST}${'a'.repeat(bytes)}`,
    'many header lines without Host': bytes => `${GET}${'A: b\r\n'.repeat(bytes / 6)}\r\n`,
    'many header lines without an end': bytes => `${GET}${HOST}${'A: b\r\n'.repeat(bytes / 6)}`,
    'many header lines, and two Hosts': bytes => `${GET}${HOST}${'A:\r\n'.repeat(bytes / 4)}${HOST}\r\n`,
    'many keep-alives, and one close': bytes =>
      `${GET}${HOST}${'Connection: keep-alive\r\n'.repeat(bytes / 24)}Connection: close\r\n\r\n`,
    'a Host of white space': bytes => `${GET}Host:${' '.repeat(bytes)}\x01\r\n\r\n`,
    'white space behind a Host': bytes => `${GET}Host: a${' '.repeat(bytes)}\x01\r\n\r\n`,
    'white space behind keep-alive': bytes => `${GET}${HOST}Connection: keep-alive${'\t'.repeat(bytes)}\x01`,
    'many header lines, and two Origins around them': bytes =>
      `${GET}Origin: null\r\n${HOST}${'A:\r\n'.repeat(bytes / 4)}Origin: null\r\n\r\n`,
    'many Origins': bytes => `${GET}${HOST}${'Origin: null\r\n'.repeat(bytes / 14)}\r\n`,
    'white space behind an Origin': bytes => `${GET}${HOST}Origin: null${' '.repeat(bytes)}\x01\r\n\r\n`,
    'an Origin that never ends': bytes => `${GET}${HOST}Origin: https://${'a'.repeat(bytes)}`,
    'many Origins and lengths in turns': bytes =>
      `${POST}${'Origin: null\r\nA: b\r\nContent-Length: 1\r\n'.repeat(bytes / 40)}\r\n`,
    'a length that never ends': bytes => `${POST}Content-Length: ${'1'.repeat(bytes)}`,
    'white space before a length': bytes => `${POST}Content-Length:${' '.repeat(bytes)}\x01\r\n\r\n`,
    'a path that never ends': bytes => `GET /counter/${'a'.repeat(bytes)}`,
    'a path of dots that never ends': bytes => `GET /counter/${'./'.repeat(bytes / 2)}`,
    'a path of dots': bytes => `GET /counter/${'.../'.repeat(bytes / 4)}. HTTP/1.1\r\n${HOST}\r\n`,
    'a query that never ends': bytes => `GET /counter/1?${'a'.repeat(bytes)}`,
    'an Accept that never ends': bytes => `${GET}${HOST}Accept: ${'a'.repeat(bytes)}`,
    'an Accept of commas': bytes => `${GET}${HOST}Accept:${','.repeat(bytes)}\r\nAccept:\r\n\r\n`,
    'an Accept of blanks': bytes => `${GET}${HOST}Accept:${', \t'.repeat(bytes / 3)}\r\nAccept:\r\n\r\n`,
    'an Accept of parameters': bytes =>
      `${GET}${HOST}Accept: text/html${';q=0'.repeat(bytes / 4)}1\r\nAccept:\r\n\r\n`,
    'many Accepts': bytes => `${GET}${HOST}${'Accept:\r\n'.repeat(bytes / 9)}\r\n`,
    'a query of a click that never ends': bytes => `GET /click/1?${'a&'.repeat(bytes / 2)}`,
    'a port that never ends': bytes => `${GET}Host: a:${'1'.repeat(bytes)}`,
  }
  for (const [name, textOf] of Object.entries(hostile))
    it(`reads ${name} in a time that grows with its length and no faster`, () => {
      const [short, long] = [4096, 65_536].map(bytes => fastestMs(textOf(bytes)))
      // Sixteen times as long: sixteen times the time, 256 times where it is squared.
      expect(long!).to.be.below(64 * Math.max(short!, 0.005))
    })
})

/** Other work on this machine only makes it slower. */
function fastestMs(text: string): number {
  let fastestMs = Number.POSITIVE_INFINITY
  for (let run = 0; run < 20; run++) {
    const startedAtMs = performance.now()
    expect(parseHotRequest(text, 0, null)).to.equal(null)
    fastestMs = Math.min(fastestMs, performance.now() - startedAtMs)
  }
  return fastestMs
}
