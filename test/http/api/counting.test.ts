import { expect } from 'chai'
import { expectError, expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const KIBIBYTE = 1024
const CLOSE = 'Connection: close'

describe('counting', () => {
  let test: HttpTest
  let url: string
  let port: number
  before(async () => {
    test = await startHttpTest()
    ;({ url, port } = test.thread)
  })
  after(() => test.stop())

  const ignoredPrefetches = async () => (await test.health()).clicks.ignored.prefetch

  for (const method of ['GET', 'POST'])
    for (const query of ['', '?', '?id=2', '?__proto__=x&%zz&a=%00', `?${'q'.repeat(4000)}`])
      it(`counts ${method} once, with the query ${JSON.stringify(query.slice(0, 20))}`, async () => {
        const counted = await test.clicksCounted(async () => {
          const response = await fetch(`${url}/counter/1${query}`, { method })
          expect(response.status).to.equal(204)
          expect(await response.text()).to.equal('')
          expect(response.headers.get('cache-control')).to.equal('no-store')
          expect(response.headers.get('access-control-allow-origin')).to.equal('*')
        })
        expect(counted).to.equal(1)
      })

  const bodies: Record<string, { type: string | null; body: string | Uint8Array }> = {
    'plain text, as from sendBeacon': { type: 'text/plain;charset=UTF-8', body: 'click' },
    'a form with __proto__': {
      type: 'application/x-www-form-urlencoded',
      body: '__proto__[x]=1&__proto__=2',
    },
    'JSON with __proto__': { type: 'application/json', body: '{"__proto__":{"x":1}}' },
    'invalid JSON': { type: 'application/json', body: '{"a":' },
    'a multipart form': {
      type: 'multipart/form-data; boundary=x',
      body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
    },
    'a multipart form without a boundary': { type: 'multipart/form-data', body: '--x' },
    'no media type at all': { type: ';;;', body: 'x' },
    'bytes that are no text': { type: 'text/plain', body: new Uint8Array([0, 255, 254, 0xd8, 0]) },
    'no body': { type: null, body: '' },
    'a body of 64 KiB': { type: 'application/octet-stream', body: 'x'.repeat(64 * KIBIBYTE) },
  }
  for (const [name, { type, body }] of Object.entries(bodies))
    it(`counts a POST whatever is in it: ${name}`, async () => {
      const counted = await test.clicksCounted(async () => {
        const headers = type === null ? {} : { 'content-type': type }
        const response = await fetch(`${url}/counter/1`, { method: 'POST', headers, body })
        expect(response.status).to.equal(204)
      })
      expect(counted).to.equal(1)
    })

  it('counts a POST that says it is compressed without unpacking it', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const counted = await test.clicksCounted(async () => {
      const response = await fetch(`${url}/counter/1`, { method: 'POST', headers, body: 'not gzip' })
      expect(response.status).to.equal(204)
    })
    expect(counted).to.equal(1)
  })

  it('counts a click whatever cookies come with it', async () => {
    const counted = await test.clicksCounted(async () => {
      const [answer] = await talk(
        port,
        requestText({ headers: ['Cookie: a=b; c d;;; é="; __proto__=1', CLOSE] }),
      )
      expect(answer!.status).to.equal(204)
    })
    expect(counted).to.equal(1)
  })

  for (const kibibytes of [64, 1000, 5000])
    it(`refuses a body of ${kibibytes} KiB and a byte, and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const body = 'x'.repeat(kibibytes * KIBIBYTE + 1)
        const response = await fetch(`${url}/counter/1`, { method: 'POST', body })
        expect(expectError(response.status, await response.text(), 413)).to.match(/\d{5}/)
      })
      expect(counted).to.equal(0)
    })

  it('refuses a chunked body of more than 64 KiB, and takes one of less', async () => {
    const chunk = `4000\r\n${'x'.repeat(16 * KIBIBYTE)}\r\n`
    const head = requestText({ method: 'POST', headers: ['Transfer-Encoding: chunked', CLOSE] })
    const taken = await test.clicksCounted(async () => {
      const [answer] = await talk(port, `${head}${chunk.repeat(4)}0\r\n\r\n`)
      expect(answer!.status).to.equal(204)
    })
    expect(taken).to.equal(1)
    const refused = await test.clicksCounted(async () => {
      const [answer] = await talk(port, `${head}${chunk.repeat(4)}1\r\nx\r\n0\r\n\r\n`)
      expectRawError(answer!, 413)
    })
    expect(refused).to.equal(0)
  })

  it('refuses a huge body before it has arrived, and closes', async () => {
    const counted = await test.clicksCounted(async () => {
      const answers = await talk(
        port,
        requestText({ method: 'POST', headers: ['Content-Length: 1000000000'], body: 'x' }),
      )
      expect(answers).to.have.length(1)
      expectRawError(answers[0]!, 413)
      expect(answers[0]!.headers.connection).to.equal('close')
    })
    expect(counted).to.equal(0)
  })

  for (const headers of [['Content-Length: 10'], ['Transfer-Encoding: chunked']])
    it(`counts nothing when the body breaks off (${headers})`, async () => {
      const counted = await test.clicksCounted(async () => {
        const body = headers[0]!.startsWith('T') ? 'a\r\nhalf' : 'half'
        const answers = await talk(port, requestText({ method: 'POST', headers, body }), {
          endsAfterwards: true,
        })
        expect(answers).to.have.length(1)
        expectRawError(answers[0]!, 400)
      })
      expect(counted).to.equal(0)
    })

  it('answers HEAD like GET and counts nothing', async () => {
    const counted = await test.clicksCounted(async () => {
      const response = await fetch(`${url}/counter/1`, { method: 'HEAD' })
      expect(response.status).to.equal(204)
      expect(response.headers.has('content-length')).to.equal(false)
      expect(response.headers.get('cache-control')).to.equal('no-store')
    })
    expect(counted).to.equal(0)
  })

  const prefetches = [
    'Sec-Purpose: prefetch',
    'Sec-Purpose: prefetch;anonymous-client-ip',
    'Sec-Purpose: prefetch;prerender',
    'SEC-PURPOSE: PreFetch',
    'Sec-Purpose: preview',
    'Sec-Purpose: a\r\nAccept: */*\r\nSec-Purpose: prefetch',
    'Purpose: prefetch',
    'purpose: Prefetch',
    'Purpose: a, preview;b',
    'X-Purpose: preview',
    'x-purpose:PREVIEW',
    'X-Purpose: prefetch',
    'X-Moz: prefetch',
    'x-moz: PREFETCH',
  ]
  for (const header of prefetches)
    it(`ignores a prefetch, and says so on /health (${JSON.stringify(header)})`, async () => {
      const before = await ignoredPrefetches()
      const counted = await test.clicksCounted(async () => {
        for (const method of ['GET', 'POST']) {
          const headers = ['Content-Length: 0', header, CLOSE]
          const [answer] = await talk(port, requestText({ method, headers }))
          expect(answer!.status).to.equal(204)
        }
      })
      expect(counted).to.equal(0)
      expect(await ignoredPrefetches()).to.equal(before + 2)
    })

  const noPrefetches = [
    'Sec-Purpose: click',
    'Purpose: click',
    'X-Purpose: click',
    'X-Moz: preview',
    'X-Purposes: prefetch',
    'Sec-Fetch-Mode: prefetch',
  ]
  for (const header of noPrefetches)
    it(`counts what is no prefetch (${header})`, async () => {
      const before = await ignoredPrefetches()
      const counted = await test.clicksCounted(() => talk(port, requestText({ headers: [header, CLOSE] })))
      expect(counted).to.equal(1)
      expect(await ignoredPrefetches()).to.equal(before)
    })

  it('neither counts nor ignores a HEAD that is a prefetch, nor a prefetch of a wrong id', async () => {
    const before = await ignoredPrefetches()
    const counted = await test.clicksCounted(async () => {
      const headers = { 'sec-purpose': 'prefetch' }
      expect((await fetch(`${url}/counter/1`, { method: 'HEAD', headers })).status).to.equal(204)
      expect((await fetch(`${url}/counter/0`, { headers })).status).to.equal(400)
    })
    expect(counted).to.equal(0)
    expect(await ignoredPrefetches()).to.equal(before)
  })

  it('counts each of many requests that come in one piece, and answers in their order', async () => {
    const wrong = requestText({ target: '/counter/0' })
    const post = requestText({ method: 'POST', headers: ['Content-Length: 3'], body: 'abc' })
    const counted = await test.clicksCounted(async () => {
      const text = requestText({}) + wrong + post + requestText({}) + requestText({ headers: [CLOSE] })
      const answers = await talk(port, text)
      expect(answers.map(answer => answer.status)).to.deep.equal([204, 400, 204, 204, 204])
    })
    expect(counted).to.equal(4)
  })

  it('answers a client that closes its half of the connection with its requests', async () => {
    const body = '{"from":"2024-12-12","to":"2024-12-13"}'
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`]
    const stats = requestText({ method: 'POST', target: '/stats/1', headers, body })
    const counted = await test.clicksCounted(async () => {
      const answers = await talk(port, requestText({}) + stats + requestText({}), { endsAfterwards: true })
      expect(answers.map(answer => answer.status)).to.deep.equal([204, 200, 204])
    })
    expect(counted).to.equal(2)
  })

  it('counts once when the client wants to be told to continue', async () => {
    const counted = await test.clicksCounted(async () => {
      const headers = ['Expect: 100-continue', 'Content-Length: 3', CLOSE]
      const answers = await talk(port, requestText({ method: 'POST', headers, body: 'abc' }))
      expect(answers.map(answer => answer.status)).to.deep.equal([100, 204])
    })
    expect(counted).to.equal(1)
  })

  it('counts every one of many clicks at the same time, each banner for itself', async () => {
    const clicks = Array.from({ length: 200 }, (_, click) => 100 + (click % 7))
    const counted = await test.clicksCounted(() =>
      Promise.all(clicks.map(bannerId => fetch(`${url}/counter/${bannerId}`))),
    )
    expect(counted).to.equal(200)
    const rows = await test.database.query<{ banner_id: string; clicks: string }>(
      'SELECT banner_id, sum(clicks) AS clicks FROM click_minutes WHERE banner_id >= 100 GROUP BY 1 ORDER BY 1',
    )
    expect(rows.map(row => Number(row.clicks))).to.deep.equal([29, 29, 29, 29, 28, 28, 28])
  })
})
