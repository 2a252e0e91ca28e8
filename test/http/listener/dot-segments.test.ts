import { expect } from 'chai'
import { bareFetch } from '../../support/documented-fetch.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { startHaproxy } from '../../support/front-proxies.ts'
import { expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const CLICK = requestText({})

const DOTTED = [
  ...[
    '/counter/../counter/1',
    '/counter/1/../1',
    '/counter/./1',
    '/./counter/1',
    '/../counter/1',
    '/counter/1/..',
  ],
  ...[
    '/counter/%2e%2e/counter/1',
    '/counter/.%2E/counter/1',
    '/%2e/counter/1',
    '/counter/1/%2e?a',
    '/a/..#b',
  ],
  ...['/counter/1/.', '/counter/..', '/..', '/.', 'http://counter/../counter/1', '/a/../b/../counter/1?c=d'],
]

/** A proxy that lets /counter/ in may not resolve what leads out of it. */
describe('a path with a segment of dots', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  for (const target of DOTTED)
    it(`is none: ${target}, and nothing is counted behind it`, async () => {
      const counted = await test.clicksCounted(async () => {
        const answers = await talk(test.thread.port, requestText({ target }) + CLICK)
        expect(answers).to.have.length(1)
        expectRawError(answers[0]!, 404)
      })
      expect(counted).to.equal(0)
    })

  it('is not one with dots elsewhere', async () => {
    const targets = ['/counter/1?a=/../b/..', '/counter/1?..', '/counter/1#/../']
    const counted = await test.clicksCounted(async () => {
      for (const target of targets) {
        const [answer] = await talk(test.thread.port, requestText({ target, headers: ['Connection: close'] }))
        expect(answer!.status, target).to.equal(204)
      }
    })
    expect(counted).to.equal(targets.length)
  })

  it('leads nobody past a real proxy that lets only clicks in', async () => {
    const port = await chooseFreePort()
    const proxy = await startHaproxy(
      port,
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend clicks
  bind 127.0.0.1:${port}
  http-request deny unless { path_beg /counter/ }
  default_backend clickcounter
backend clickcounter
  server counter 127.0.0.1:${test.thread.port}`,
    )
    try {
      const statusOf = async (target: string) =>
        (await talk(port, requestText({ target, headers: ['Connection: close'] })))[0]!.status
      expect(await statusOf('/counter/1')).to.equal(204)
      expect(await statusOf('/health')).to.equal(403)
      expect(await statusOf('/counter/../health')).to.equal(404)
      expect(await statusOf('/counter/%2e%2e/health')).to.equal(404)
      expect((await bareFetch(`${test.thread.url}/health`)).status).to.equal(200)
    } finally {
      await proxy.end()
    }
  })
})
