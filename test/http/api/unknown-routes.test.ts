import { expect } from 'chai'
import { expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { type RawAnswer, type RequestParts, requestText, talk } from '../../support/raw-http.ts'

const targets = [
  '/favicon.ico',
  '/counters/1',
  '/Counter/1',
  '/stats/',
  '/banners/',
  '/banners/1/changes/1',
  '/stats/1/2',
  '/counter/1.gif/',
  '/health/',
  '/health/x',
  '//counter/1',
]

/** What each path takes, and what is tried beside it. */
const paths: readonly { path: string; allowed: string; others: readonly string[] }[] = [
  {
    path: '/counter/1',
    allowed: 'GET, HEAD, OPTIONS, POST',
    others: ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH', 'CONNECT'],
  },
  { path: '/counter/1?a=b', allowed: 'GET, HEAD, OPTIONS, POST', others: ['PUT'] },
  { path: '/counter/no-banner', allowed: 'GET, HEAD, OPTIONS, POST', others: ['PUT'] },
  { path: '/counter/1.gif', allowed: 'GET, HEAD, OPTIONS', others: ['POST', 'PUT'] },
  { path: '/counter/.gif', allowed: 'GET, HEAD, OPTIONS, POST', others: ['PUT'] },
  { path: '/counter', allowed: 'OPTIONS, POST', others: ['GET', 'HEAD', 'PUT'] },
  { path: '/stats/1', allowed: 'GET, HEAD, POST', others: ['OPTIONS', 'DELETE', 'PATCH'] },
  { path: '/stats', allowed: 'GET, HEAD, POST', others: ['OPTIONS', 'PUT', 'DELETE'] },
  { path: '/banners', allowed: 'GET, HEAD, POST', others: ['PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
  { path: '/banners/1', allowed: 'DELETE, GET, HEAD, PATCH, PUT', others: ['POST', 'OPTIONS'] },
  { path: '/banners/1/changes', allowed: 'GET, HEAD', others: ['POST', 'PUT', 'DELETE'] },
  { path: '/health', allowed: 'GET, HEAD, OPTIONS', others: ['POST'] },
  { path: '/health/live', allowed: 'GET, HEAD, OPTIONS', others: ['POST'] },
  { path: '/health/ready', allowed: 'GET, HEAD, OPTIONS', others: ['POST'] },
  { path: '/', allowed: 'GET, HEAD, OPTIONS', others: ['POST'] },
  { path: '/metrics', allowed: 'GET, HEAD', others: ['POST', 'OPTIONS'] },
  { path: '/openapi.json', allowed: 'GET, HEAD', others: ['POST'] },
  { path: '/dashboard/main.js', allowed: 'GET, HEAD', others: ['POST'] },
]

describe('what is not there', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  /** Its only answer. Nothing was counted. */
  async function refusal(parts: RequestParts): Promise<RawAnswer> {
    let answers: RawAnswer[] = []
    const counted = await test.clicksCounted(async () => {
      answers = await talk(test.thread.port, requestText({ ...parts, headers: ['Connection: close'] }))
    })
    expect(counted).to.equal(0)
    expect(answers).to.have.length(1)
    return answers[0]!
  }

  for (const target of targets)
    it(`is answered with 404, the path and where the paths are listed (${target})`, async () => {
      const message = expectRawError(await refusal({ target }), 404)
      expect(message).to.include(JSON.stringify(target)).and.include('/documentation')
    })

  it('is answered with 404 whatever the body is and says of itself', async () => {
    const headers = ['Content-Type: ;', 'Content-Encoding: a', 'Content-Length: 3']
    const text = requestText({ method: 'POST', target: '/statistics', headers, body: 'abc' })
    const last = requestText({ target: '/statistics', headers: ['Connection: close'] })
    const answers = await talk(test.thread.port, text + last)
    expect(answers.map(({ status }) => status)).to.deep.equal([404, 404])
  })

  for (const { path, allowed, others } of paths)
    it(`is answered with 405 and what is there (${others.join(', ')} of ${path})`, async () => {
      for (const method of others) {
        const answer = await refusal({ method, target: path })
        expect(answer.headers.allow, method).to.equal(allowed)
        if (method === 'HEAD') expect(answer.status).to.equal(405)
        else expect(expectRawError(answer, 405)).to.include(method).and.include(allowed)
      }
    })

  it('is answered with 405 whatever the body is and says of itself', async () => {
    for (const headers of [['Content-Type: ;'], ['Content-Type: application/json', 'Content-Encoding: a']]) {
      const text = requestText({ method: 'PUT', headers: [...headers, 'Content-Length: 3'], body: 'abc' })
      const last = requestText({ method: 'PUT', headers: ['Connection: close'] })
      const answers = await talk(test.thread.port, text + last)
      expect(answers.map(({ status }) => status)).to.deep.equal([405, 405])
    }
  })

  it('is answered with 405 where GET has a body, which is the last of its connection', async () => {
    const body = '{"clicks":[{"id":1}]}'
    for (const [method, framed] of [
      ['GET', ['Content-Length: 21', body]],
      ['HEAD', ['Content-Length: 21', body]],
      ['GET', ['Transfer-Encoding: chunked', `15\r\n${body}\r\n0\r\n\r\n`]],
    ] as const) {
      const text = requestText({ method, target: '/counter', headers: [framed[0]], body: framed[1] })
      const counted = await test.clicksCounted(async () => {
        const answers = await talk(test.thread.port, text + requestText({}))
        expect(answers.map(({ status }) => status)).to.deep.equal([405])
        expect(answers[0]!.headers).to.include({ allow: 'OPTIONS, POST', connection: 'close' })
      })
      expect(counted).to.equal(0)
    }
  })
})
