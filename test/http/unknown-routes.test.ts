import { expect } from 'chai'
import { expectRawError, type HttpTest, startHttpTest } from '../support/http.ts'
import { requestText, talk } from '../support/raw-http.ts'

const targets = [
  '/favicon.ico',
  '/counters/1',
  '/Counter/1',
  '/stats',
  '/health/',
  '/health/x',
  '//counter/1',
]
const methods = ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY', 'CONNECT']
const wrongMethods = [
  { method: 'GET', target: '/stats/1' },
  { method: 'POST', target: '/health' },
  { method: 'DELETE', target: '/stats/1' },
]

describe('unknown routes', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  const unknown = [
    ...targets.map(target => ({ method: 'GET', target })),
    ...methods.map(method => ({ method, target: '/counter/1' })),
    ...wrongMethods,
  ]
  for (const { method, target } of unknown)
    it(`answers ${method} ${target} with 404 and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const headers = ['Content-Length: 0', 'Connection: close']
        const answers = await talk(test.thread.port, requestText({ method, target, headers }))
        expect(answers).to.have.length(1)
        expectRawError(answers[0]!, 404)
      })
      expect(counted).to.equal(0)
    })
})
