import { expect } from 'chai'
import { openApiDocument } from '../../../lib/http/api/operations/document.ts'
import { createRouteTable, Documented } from '../../support/documented.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { type RawAnswer, type RequestParts, requestText, talk } from '../../support/raw-http.ts'

const SHOP = 'https://shop.example'
const ORIGINS = [SHOP, 'http://localhost:8081']
const BODY = '{"from":"2024-12-12","to":"2024-12-13"}'
const reader = newKey(['read'])
const question: RequestParts = {
  method: 'POST',
  target: '/stats/1',
  headers: [
    `Authorization: Bearer ${reader.text}`,
    'Content-Type: application/json',
    `Content-Length: ${BODY.length}`,
  ],
  body: BODY,
}
const withoutKey = { ...question, headers: question.headers!.slice(1) }

describe('a page of CORS_ORIGINS', () => {
  let test: HttpTest
  let documented: Documented
  before(async () => {
    test = await startHttpTest({ settings: { CORS_ORIGINS: ORIGINS.join() } })
    test.thread.keyring.replace(snapshotOf([reader]))
    const server = createRouteTable({ corsOrigins: ORIGINS })
    documented = new Documented(openApiDocument(server.table()))
    await server.stop()
  })
  after(() => test.stop())

  async function ask(parts: RequestParts, ...fields: string[]): Promise<RawAnswer> {
    const headers = [...(parts.headers ?? []), ...fields, 'Connection: close']
    const [answer] = await talk(test.thread.port, requestText({ ...parts, headers }))
    const { method = 'GET', target = '' } = parts
    expect(documented.mistakes({ method, path: target, ...answer! })).to.deep.equal([])
    return answer!
  }

  const preflight = (...fields: string[]) =>
    ask(
      { method: 'OPTIONS', target: '/stats/1' },
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: authorization,content-type',
      ...fields,
    )

  it('reads /stats with a key, as JSON and as CSV', async () => {
    for (const origin of ORIGINS)
      for (const type of ['application/json', 'text/csv']) {
        const { status, headers } = await ask(question, `Origin: ${origin}`, `Accept: ${type}`)
        expect(status).to.equal(200)
        expect(headers['access-control-allow-origin']).to.equal(origin)
        expect(headers).not.to.have.property('access-control-allow-credentials')
        expect(headers.vary!.toLowerCase().split(/, */)).to.include.members(['accept', 'origin'])
      }
  })

  it('reads why it was refused', async () => {
    for (const [status, parts, ...fields] of [
      [400, { ...question, target: '/stats/01' }],
      [401, withoutKey],
      [401, withoutKey, 'Authorization: Bearer wrong'],
      [406, question, 'Accept: text/html'],
      [415, { ...question, headers: [question.headers![0]!, 'Content-Type: text/plain'] }],
    ] as const) {
      const answer = await ask(parts, ...fields, `Origin: ${SHOP}`)
      expect(answer.status).to.equal(status)
      expect(answer.headers['access-control-allow-origin'], String(status)).to.equal(SHOP)
      expect(answer.headers.vary!.toLowerCase()).to.include('origin')
    }
  })

  it('may ask whether it may, without a key', async () => {
    const { status, headers, body } = await preflight(`Origin: ${SHOP}`)
    expect([status, body]).to.deep.equal([204, ''])
    expect(headers).to.include({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type',
    })
    expect(headers).not.to.have.property('access-control-allow-credentials')
    expect(headers.vary!.toLowerCase()).to.include('origin')
  })

  it('is none of another origin, and the answer says that it depends on it', async () => {
    for (const fields of [
      [],
      ['Origin: https://other.example'],
      ['Origin: null'],
      ['Origin: *'],
      [`Origin: ${SHOP}.evil.example`],
      [`Origin: ${SHOP}:8443`],
      [`Origin: ${SHOP}/`],
      ['Origin: http://shop.example'],
      [`Origin: ${SHOP}, ${SHOP}`],
    ])
      for (const { headers } of [await ask(question, ...fields), await preflight(...fields)]) {
        expect(headers, fields.join()).not.to.have.property('access-control-allow-origin')
        expect(headers.vary!.toLowerCase()).to.include('origin')
      }
  })

  it('reads the clicks of many banners in the same way', async () => {
    const body = '{"ids":[1],"from":"2024-12-12","to":"2024-12-13"}'
    const headers = [...question.headers!.slice(0, 2), `Content-Length: ${body.length}`]
    const answer = await ask({ ...question, target: '/stats', headers, body }, `Origin: ${SHOP}`)
    expect(answer.status).to.equal(200)
    const asked = await ask({ method: 'OPTIONS', target: '/stats' }, `Origin: ${SHOP}`)
    for (const { headers } of [answer, asked]) expect(headers['access-control-allow-origin']).to.equal(SHOP)
    expect(asked.headers['access-control-allow-methods']).to.equal('GET, POST')
  })

  it('reads clicks by a query, too', async () => {
    const [authorization] = question.headers!
    for (const target of ['/stats/1', '/stats']) {
      const asked = { target: `${target}?from=2024-12-12&to=2024-12-13`, headers: [authorization!] }
      for (const accept of ['application/json', 'text/csv']) {
        const { status, headers } = await ask(asked, `Origin: ${SHOP}`, `Accept: ${accept}`)
        expect(status).to.equal(200)
        expect(headers['access-control-allow-origin']).to.equal(SHOP)
        expect(headers.vary!.toLowerCase().split(/, */)).to.include.members(['accept', 'origin'])
      }
      const refused = await ask({ ...asked, target: `${target}?from=2024-12-12` }, `Origin: ${SHOP}`)
      expect(refused.status).to.equal(400)
      expect(refused.headers['access-control-allow-origin']).to.equal(SHOP)
      const elsewhere = await ask(asked, 'Origin: https://other.example')
      expect(elsewhere.headers).not.to.have.property('access-control-allow-origin')
      expect((await ask({ ...asked, headers: [] }, `Origin: ${SHOP}`)).status).to.equal(401)
    }
  })

  it('reads no more than /stats', async () => {
    for (const target of ['/session', '/keys', '/metrics', '/dashboard', '/banners'])
      expect((await ask({ target }, `Origin: ${SHOP}`)).headers).not.to.have.property(
        'access-control-allow-origin',
      )
  })
})
