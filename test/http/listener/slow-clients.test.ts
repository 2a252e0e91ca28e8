import { once } from 'node:events'
import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { openConnection, requestText } from '../../support/raw-http.ts'

const DRIP_INTERVAL_MS = 250

describe('slow clients', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  /**
   * Sends the first text at once and the second one a byte at a time, never all of it. Resolves when the
   * server has closed: what it said, and when.
   */
  async function drip(atOnce: string, slowly: string): Promise<{ status: number; afterMs: number }> {
    const socket = openConnection(test.thread.port)
    const startedAt = performance.now()
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.write(atOnce)
    let sent = 0
    const timer = setInterval(() => socket.write(slowly.slice(sent, ++sent)), DRIP_INTERVAL_MS)
    await once(socket, 'close')
    clearInterval(timer)
    return { status: Number(answer.split(' ')[1]), afterMs: performance.now() - startedAt }
  }

  // In real time: the limits are the listener's own.
  it('are cut off after seconds with 408, uncounted, while others are served', async () => {
    const post = requestText({ method: 'POST', headers: ['Content-Length: 1000'] })
    let served = 0
    let isOver = false
    const serve = async () => {
      for (; !isOver; served++) {
        expect((await fetch(`${test.thread.url}/counter/1`)).status).to.equal(204)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
    const counted = await test.clicksCounted(async () => {
      const serving = serve()
      const [silence, header, body] = await Promise.all([
        drip('', ''),
        drip('GET /counter/1 HTTP/1.1\r\n', `A: ${'a'.repeat(1000)}`),
        drip(post, 'x'.repeat(999)),
      ])
      isOver = true
      await serving
      expect([silence.status, header.status, body.status]).to.deep.equal([408, 408, 408])
      expect(silence.afterMs).to.be.within(4500, 10_000)
      expect(header.afterMs).to.be.within(4500, 10_000)
      expect(body.afterMs).to.be.within(7500, 13_000)
    })
    expect(counted).to.equal(served)
    expect(served).to.be.above(20)
  })
})
