import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { openConnection, requestText } from '../support/raw-http.ts'

const DRIP_INTERVAL_MS = 250

describe('slow clients', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  /** Sends the text a byte at a time, never all of it, and resolves when the server has closed: what it said, and when. */
  async function drip(text: string): Promise<{ status: number; afterMs: number }> {
    const socket: Socket = openConnection(test.thread.port)
    const startedAt = performance.now()
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    let sent = 0
    const timer = setInterval(() => socket.write(text.slice(sent, ++sent)), DRIP_INTERVAL_MS)
    await once(socket, 'close')
    clearInterval(timer)
    return { status: Number(answer.split(' ')[1]), afterMs: performance.now() - startedAt }
  }

  // In real time: the limits are the listener's own.
  it('are cut off after seconds with 408, uncounted, while others are served', async () => {
    const post = requestText({ method: 'POST', headers: ['Content-Length: 1000'] })
    let served = 0
    let isOver = false
    const counted = await test.clicksCounted(async () => {
      const serving = (async () => {
        while (!isOver) {
          const response = await fetch(`${test.thread.url}/counter/1`)
          expect(response.status).to.equal(204)
          served++
          await new Promise(resolve => setTimeout(resolve, 50))
        }
      })()
      const [header, silence, body] = await Promise.all([
        drip(requestText({ headers: [`A: ${'a'.repeat(1000)}`] })),
        drip(''),
        // Its header is there at once.
        dripBody(post),
      ])
      isOver = true
      await serving
      for (const { status, afterMs } of [header, silence]) {
        expect(status).to.equal(408)
        expect(afterMs).to.be.within(4500, 9000)
      }
      expect(body.status).to.equal(408)
      expect(body.afterMs).to.be.within(7500, 12_000)
    })
    expect(counted).to.equal(served)
    expect(served).to.be.above(20)
  })

  async function dripBody(head: string): Promise<{ status: number; afterMs: number }> {
    const socket = openConnection(test.thread.port)
    const startedAt = performance.now()
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.write(head)
    const timer = setInterval(() => socket.write('x'), DRIP_INTERVAL_MS)
    await once(socket, 'close')
    clearInterval(timer)
    return { status: Number(answer.split(' ')[1]), afterMs: performance.now() - startedAt }
  }
})
