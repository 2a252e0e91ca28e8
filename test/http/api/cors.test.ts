import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { type RequestParts, requestText, talk } from '../../support/raw-http.ts'

const SHOP = 'https://shop.example'

const known = [
  SHOP,
  'http://shop.example:8080',
  'http://[::1]:8080',
  'null',
  'chrome-extension://gighmmpiobklfepjocnamgkkbiglidom',
  'capacitor://localhost',
  `https://${'a'.repeat(255)}`,
]

const unknown = [
  '*',
  'shop.example',
  `${SHOP}/`,
  `${SHOP}, https://other.example`,
  `${SHOP} https://other.example`,
  '"https://shop.example"',
  'https://shop.example<script>',
  'https://user@shop.example',
  'https://caf\xe9.example',
  'https://shop\t.example',
  `https://${'a'.repeat(256)}`,
  `https://${'a'.repeat(5000)}`,
]

/** Every kind of request that counts: the first two in the hot lane, where they come in one piece. */
const counting: Record<string, RequestParts> = {
  'GET /counter/{id}': {},
  'GET /counter/{id} with a query': { target: '/counter/1?a=b' },
  'GET /counter/{id}, by the parser': { headers: ['Connection: close'] },
  'POST /counter/{id}': { method: 'POST' },
  'POST /counter': {
    method: 'POST',
    target: '/counter',
    headers: ['Content-Type: text/plain', 'Content-Length: 21'],
    body: '{"clicks":[{"id":1}]}',
  },
}

describe('a page of another origin', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  async function ask(parts: RequestParts, ...fields: string[]) {
    const text = requestText({ ...parts, headers: [...(parts.headers ?? []), ...fields] })
    const end = requestText({ method: 'OPTIONS', target: '/counter', headers: ['Connection: close'] })
    const [answer] = await talk(test.thread.port, text + end)
    return answer!
  }

  for (const [name, parts] of Object.entries(counting)) {
    it(`counts by ${name}, also with credentials, and may read the answer`, async () => {
      const counted = await test.clicksCounted(async () => {
        for (const origin of known) {
          const { status, headers } = await ask(parts, `Origin: ${origin}`)
          expect(status).to.be.below(300)
          expect(headers['access-control-allow-origin']).to.equal(origin)
          expect(headers['access-control-allow-credentials']).to.equal('true')
          expect(headers.vary).to.equal('Origin')
        }
      })
      expect(counted).to.equal(known.length)
    })

    it(`counts by ${name}, and is not repeated where it is no origin`, async () => {
      const counted = await test.clicksCounted(async () => {
        for (const fields of [
          ...unknown.map(origin => [`Origin: ${origin}`]),
          [],
          Array(2).fill(`Origin: ${SHOP}`),
        ]) {
          const { status, headers } = await ask(parts, ...fields)
          expect(status).to.be.below(300)
          expect(headers['access-control-allow-origin'], fields.join()).to.equal('*')
          expect(headers).not.to.have.any.keys('access-control-allow-credentials', 'vary')
        }
      })
      expect(counted).to.equal(unknown.length + 2)
    })

    it(`may read why ${name} was refused`, async () => {
      test.thread.refuseClicks(true)
      const { status, headers } = await ask(parts, `Origin: ${SHOP}`)
      test.thread.refuseClicks(false)
      expect(status).to.equal(503)
      expect(headers['access-control-allow-origin']).to.equal(SHOP)
      expect(headers['access-control-allow-credentials']).to.equal('true')
    })
  }

  it('may read what was wrong with a request', async () => {
    for (const [status, parts] of [
      [400, { target: '/counter/01' }],
      [400, { ...counting['POST /counter'], headers: ['Content-Type: text/plain'], body: '' }],
      [415, { ...counting['POST /counter'], headers: ['Content-Type: text/csv', 'Content-Length: 21'] }],
    ] as const) {
      const { status: seen, headers } = await ask(parts, `Origin: ${SHOP}`)
      expect(seen).to.equal(status)
      expect(headers['access-control-allow-origin']).to.equal(SHOP)
    }
  })

  for (const [target, methods] of [
    ['/counter/1', 'GET, POST'],
    ['/counter', 'POST'],
  ] as const)
    it(`may send ${methods} with any header to ${target}, and asking counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const preflight = (...fields: string[]) =>
          ask({ method: 'OPTIONS', target }, 'Access-Control-Request-Method: POST', ...fields)
        const asked = 'content-type,traceparent, x-requested-with'
        const { status, headers, body } = await preflight(
          `Origin: ${SHOP}`,
          `Access-Control-Request-Headers: ${asked}`,
        )
        expect([status, body]).to.deep.equal([204, ''])
        expect(headers['access-control-allow-origin']).to.equal(SHOP)
        expect(headers['access-control-allow-credentials']).to.equal('true')
        expect(headers['access-control-allow-methods']).to.equal(methods)
        expect(headers['access-control-allow-headers']).to.equal(asked)
        expect(headers['access-control-max-age']).to.equal('86400')
        expect(headers.vary).to.match(/^Origin\b/)
        for (const wrong of ['', 'a b', 'a;b', '"a"', 'a,', `a${',a'.repeat(512)}`, 'caf\xe9']) {
          const answer = await preflight(`Origin: ${SHOP}`, `Access-Control-Request-Headers: ${wrong}`)
          expect(answer.headers['access-control-allow-headers'], wrong).to.equal('*')
        }
        expect((await preflight()).headers['access-control-allow-origin']).to.equal('*')
      })
      expect(counted).to.equal(0)
    })

  it('may read nothing of what is asked of /stats', async () => {
    for (const method of ['POST', 'OPTIONS']) {
      const { headers } = await ask({ method, target: '/stats/1' }, `Origin: ${SHOP}`)
      expect(headers).not.to.have.any.keys('access-control-allow-origin', 'access-control-allow-credentials')
    }
  })
})
