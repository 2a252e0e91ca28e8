import { hostname } from 'node:os'
import { expect } from 'chai'
import { openApiDocument } from '../../../lib/http/api/operations/document.ts'
import { createRouteTable, Documented } from '../../support/documented.ts'
import { expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { type RawAnswer, requestText, talk } from '../../support/raw-http.ts'

describe('a request that fails', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  /** The next look at the clock is the handler's. */
  function breakNextRequest(message: string): void {
    const { clock } = test.thread
    const { nowMs } = clock
    Object.defineProperty(clock, 'nowMs', {
      configurable: true,
      get() {
        Object.defineProperty(clock, 'nowMs', { value: nowMs, writable: true, configurable: true })
        throw new Error(message)
      },
    })
  }

  /** Not fetched, since a fetched answer must not be 500. */
  async function failingAnswer(message: string): Promise<RawAnswer> {
    breakNextRequest(message)
    const [answer] = await talk(
      test.thread.port,
      requestText({ target: '/health', headers: ['Connection: close'] }),
    )
    return answer!
  }

  it('is told to operators under the id that the client gets, which names neither host nor process', async () => {
    const answer = await failingAnswer('a broken clock')
    expect(expectRawError(answer, 500)).not.to.match(/clock/)
    const requestId = answer.headers['x-request-id']
    expect(requestId).to.match(/^\d{13}:[-\da-f]{36}:\d+$/)
    expect(requestId).not.to.include(hostname())
    expect(test.thread.failures).to.have.length(1)
    const { what, error, requestId: toldId } = test.thread.failures[0]!
    expect([what, error.message, toldId]).to.deep.equal(['a request failed', 'a broken clock', requestId])
  })

  it('is answered as documented', async () => {
    const server = createRouteTable()
    const documented = new Documented(openApiDocument(server.table()))
    await server.stop()
    const answer = { method: 'GET', path: '/health', ...(await failingAnswer('a mistake')) }
    expect(documented.nameOf(answer)).to.equal('reportHealth 500 application/json')
    expect(documented.mistakes(answer)).to.deep.equal([])
  })

  it('has an id of its own each time', async () => {
    const ids = new Set<string | undefined>()
    for (const message of ['one', 'two', 'three'])
      ids.add((await failingAnswer(message)).headers['x-request-id'])
    expect(ids).to.have.property('size', 3)
  })

  it("is the client's own matter when it is wrong, and has no id", async () => {
    for (const path of ['/counter/x', '/nowhere'])
      expect((await fetch(`${test.thread.url}${path}`)).headers.get('x-request-id'), path).to.equal(null)
  })
})
