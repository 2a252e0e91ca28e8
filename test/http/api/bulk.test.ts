import { expect } from 'chai'
import { expectError, expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const MEBIBYTE = 2 ** 20
const MOST_ENTRIES = 10_000
/** What the thread under test holds of one minute. */
const MAX_BANNERS = 1024
const CLOSE = 'Connection: close'

/** So many entries over a few banners, all alike but for the id. */
const entries = (length: number, of: object = {}) => ({
  clicks: Array.from({ length }, (_, nth) => ({ id: 1 + (nth % 50), ...of })),
})
const padded = (bytes: number) => '{"clicks":[{"id":1}]}'.padEnd(bytes)

const taken: Record<string, [body: unknown, clicks: number]> = {
  'the documented example': [{ clicks: [{ id: 1 }, { id: 2, count: 5 }] }, 6],
  'one entry': [entries(1), 1],
  'as many entries as there may be': [entries(MOST_ENTRIES), MOST_ENTRIES],
  'one banner many times': [{ clicks: [{ id: 3 }, { id: 3, count: 2 }, { id: 3 }] }, 4],
  'the largest id and count': [{ clicks: [{ count: 10_000, id: 2_147_483_647 }] }, 10_000],
  'the smallest id and count': [{ clicks: [{ id: 1, count: 1 }] }, 1],
  'as many clicks as there may be': [entries(100, { count: 10_000 }), 1_000_000],
  'numbers that JSON writes in another way': ['{"clicks":[{"id":1.0,"count":1e3}]}', 1000],
  'a key twice, of which the last one counts': ['{"clicks":[],"clicks":[{"id":0,"id":1}]}', 1],
  'a body of 1 MiB': [padded(MEBIBYTE), 1],
}

const refused: Record<string, [body: unknown, message: RegExp]> = {
  'no JSON': ['{"clicks":[{"id":1}', /^the body must be JSON, such as {"clicks"/],
  'an empty body': ['', /^the body must be JSON/],
  'bytes that are no text': [new Uint8Array([0xff, 0xfe, 0x7b]), /^the body must be JSON/],
  'lists within lists, 1 MiB of them': ['['.repeat(MEBIBYTE), /^the body must be JSON/],
  'an id of lists within lists': [
    `{"clicks":[{"id":${'['.repeat(400_000)}${']'.repeat(400_000)}}]}`,
    /^clicks\[0\]\.id is a list: it must be a whole number from 1 to 2147483647$/,
  ],
  'a list': [[{ id: 1 }], /^the body is a list: it must be an object/],
  'a text': ['"clicks"', /^the body is "clicks": it must be an object/],
  null: ['null', /^the body is null/],
  'no clicks': [{}, /^clicks is missing: it must be a list/],
  'clicks that are no list': [{ clicks: { length: 1, 0: { id: 1 } } }, /^clicks is an object: it must be/],
  'another key': [{ clicks: [{ id: 1 }], minute: 5 }, /^minute is not known: the body has "clicks"/],
  '__proto__ beside clicks': ['{"__proto__":{"x":1},"clicks":[{"id":1}]}', /^__proto__ is not known/],
  'clicks within __proto__': ['{"__proto__":{"clicks":[{"id":1}]}}', /^__proto__ is not known/],
  'no entries': [entries(0), /^clicks has 0 entries: it must have 1 to 10000$/],
  'an entry too many': [entries(MOST_ENTRIES + 1), /^clicks has 10001 entries: it must have 1 to 10000$/],
  'a click too many': [
    { clicks: [...entries(100, { count: 10_000 }).clicks, { id: 1 }] },
    /^clicks are 1000001 in all: they must be at most 1000000$/,
  ],
  'an entry that is a number': [{ clicks: [{ id: 1 }, 2] }, /^clicks\[1\] is 2: it must be an object/],
  'an entry that is null': [{ clicks: [null] }, /^clicks\[0\] is null: it must be an object/],
  'an entry that is a list': [{ clicks: [[1]] }, /^clicks\[0\] is a list: it must be an object/],
  'an empty entry': [{ clicks: [{ id: 1 }, {}] }, /^clicks\[1\]\.id is missing: it must be a whole number/],
  'an id of 0': [{ clicks: [{ id: 0 }] }, /^clicks\[0\]\.id is 0: it must be/],
  'an id below 0': [{ clicks: [{ id: -1 }] }, /^clicks\[0\]\.id is -1: it must be/],
  'an id past 2^31 − 1': [{ clicks: [{ id: 2_147_483_648 }] }, /^clicks\[0\]\.id is 2147483648: it must be/],
  'an id past every number': ['{"clicks":[{"id":1e999}]}', /^clicks\[0\]\.id is Infinity: it must be/],
  'half an id': [{ clicks: [{ id: 1.5 }] }, /^clicks\[0\]\.id is 1\.5: it must be/],
  'an id in quotes': [{ clicks: [{ id: '1' }] }, /^clicks\[0\]\.id is "1": it must be/],
  'a long text for an id': [{ clicks: [{ id: 'x'.repeat(99) }] }, /^clicks\[0\]\.id is "x{40}…": it must be/],
  'an id that is true': [{ clicks: [{ id: true }] }, /^clicks\[0\]\.id is true: it must be/],
  'a count of 0': [{ clicks: [{ id: 1, count: 0 }] }, /^clicks\[0\]\.count is 0: .* from 1 to 10000$/],
  'a count too large': [{ clicks: [{ id: 1, count: 10_001 }] }, /^clicks\[0\]\.count is 10001: it must be/],
  'a count that is null': [{ clicks: [{ id: 1, count: null }] }, /^clicks\[0\]\.count is null: it must be/],
  'another key in an entry': [
    { clicks: [{ id: 1 }, { id: 1, n: 2 }] },
    /^clicks\[1\]\.n is not known: an entry has "id", perhaps "count" and "class", or "userAgent" and "ip"$/,
  ],
  '__proto__ in an entry': [
    '{"clicks":[{"id":1,"__proto__":{"count":5}}]}',
    /^clicks\[0\]\.__proto__ is not known/,
  ],
  'an id within __proto__': ['{"clicks":[{"__proto__":{"id":1}}]}', /^clicks\[0\]\.__proto__ is not known/],
  'several bad entries, of which it names the first': [
    { clicks: [...entries(700).clicks, { id: -7 }, { id: 'x' }, 3] },
    /^clicks\[700\]\.id is -7: it must be/,
  ],
}

describe('counting in bulk', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  const post = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${test.thread.url}/counter`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    })

  for (const [name, [body, clicks]] of Object.entries(taken))
    it(`takes ${name}`, async () => {
      const counted = await test.clicksCounted(async () => {
        const response = await post(body)
        expect(response.status).to.equal(202)
        expect(await response.text()).to.equal(`{"accepted":${clicks}}`)
        expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8')
        expect(response.headers.get('cache-control')).to.equal('no-store')
        expect(response.headers.get('access-control-allow-origin')).to.equal('*')
      })
      expect(counted).to.equal(clicks)
    })

  for (const [name, [body, message]] of Object.entries(refused))
    it(`refuses ${name}, and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const response = await post(body)
        expect(expectError(response.status, await response.text(), 400)).to.match(message)
      })
      expect(counted).to.equal(0)
    })

  it('refuses what is more than 1 MiB, whether its length was announced or not', async () => {
    const counted = await test.clicksCounted(async () => {
      const response = await post(padded(MEBIBYTE + 1))
      expect(expectError(response.status, await response.text(), 413)).to.match(/1048576 bytes/)
      const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked', CLOSE]
      const head = requestText({ method: 'POST', target: '/counter', headers })
      const body = padded(MEBIBYTE + 1)
      const [answer] = await talk(
        test.thread.port,
        `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      )
      expect(expectRawError(answer!, 413)).to.match(/1048576 bytes/)
    })
    expect(counted).to.equal(0)
  })

  for (const type of [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
    '',
  ])
    it(`refuses a body of type ${JSON.stringify(type)}, and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const headers = [...(type === '' ? [] : [`Content-Type: ${type}`]), 'Content-Length: 21', CLOSE]
        const [answer] = await talk(
          test.thread.port,
          requestText({ method: 'POST', target: '/counter', headers, body: padded(21) }),
        )
        expect(expectRawError(answer!, 415)).to.equal(
          'the body must be JSON, of type application/json or text/plain',
        )
      })
      expect(counted).to.equal(0)
    })

  for (const type of [
    'Application/JSON; charset=utf-8',
    'application/json;charset="UTF-8"',
    'text/plain',
    'text/plain;charset=UTF-8',
    'TEXT/PLAIN; format=flowed; charset=utf-8',
  ])
    it(`takes JSON of type ${type}`, async () => {
      const counted = await test.clicksCounted(async () => {
        expect((await post(entries(3), { 'content-type': type })).status).to.equal(202)
      })
      expect(counted).to.equal(3)
    })

  it('counts nothing when the body breaks off', async () => {
    const counted = await test.clicksCounted(async () => {
      const headers = ['Content-Type: application/json', 'Content-Length: 30']
      const text = requestText({ method: 'POST', target: '/counter', headers, body: padded(21) })
      const [answer] = await talk(test.thread.port, text, { endsAfterwards: true })
      expectRawError(answer!, 400)
    })
    expect(counted).to.equal(0)
  })

  it('has no other way than POST', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
      expect((await fetch(`${test.thread.url}/counter`, { method })).status, method).to.equal(405)
  })

  it('counts each banner for itself, in the minute of its arrival, for the next question to see', async () => {
    test.thread.clock.nowMs = Date.parse('2025-03-04T05:06:59.999Z')
    await post({ clicks: [{ id: 901 }, { id: 902, count: 5 }, { id: 901, count: 2 }] })
    test.thread.clock.nowMs += 1
    await post({ clicks: [{ id: 901, count: 10 }] })
    const statsOf = async (bannerId: number) => {
      const response = await test.stats(bannerId, { from: '2025-03-04', to: '2025-03-05' })
      return ((await response.json()) as { stats: unknown }).stats
    }
    expect(await statsOf(901)).to.deep.equal([
      { ts: '2025-03-04T05:06:00Z', v: 3 },
      { ts: '2025-03-04T05:07:00Z', v: 10 },
    ])
    expect(await statsOf(902)).to.deep.equal([{ ts: '2025-03-04T05:06:00Z', v: 5 }])
  })

  const banners = (first: number, count: number) => ({
    clicks: Array.from({ length: count }, (_, nth) => ({ id: first + nth, count: 2 })),
  })

  it('flushes to make room, and then takes all of it', async () => {
    const counted = await test.clicksCounted(async () => {
      for (let first = 1; first < 5000; first += 1000) {
        const response = await post(banners(first, 1000))
        expect(await response.text()).to.equal('{"accepted":2000}')
      }
    })
    expect(counted).to.equal(10_000)
  })

  it('takes as many banners as there is room for in a minute, and answers 413 to one more, for good', async () => {
    await test.thread.flush()
    const fullBefore = (await test.health()).clicks.refused.full
    const counted = await test.clicksCounted(async () => {
      expect((await post(banners(1, MAX_BANNERS))).status).to.equal(202)
      const response = await post(banners(1, MAX_BANNERS + 1))
      expect(response.headers.get('retry-after')).to.equal(null)
      expect(expectError(response.status, await response.text(), 413)).to.match(
        /holds 1024 banners a minute, and the request has 1025: send them in several/,
      )
    })
    expect(counted).to.equal(2 * MAX_BANNERS)
    expect((await test.health()).clicks.refused.full - fullBefore).to.equal(2 * (MAX_BANNERS + 1))
  })
})
