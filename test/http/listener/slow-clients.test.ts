import { once } from 'node:events'
import { Readable, Transform } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { openConnection, requestText } from '../../support/raw-http.ts'

const DRIP_INTERVAL_MS = 250
const manager = newKey(['manage'])

describe('slow clients', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    // Single clicks need none.
    test.thread.keyring.replace(snapshotOf([manager]))
  })
  after(() => test.stop())

  /**
   * Sends the first text at once and the second one a byte at a time, never all of it. Resolves when the
   * server has closed: what it said, and when.
   */
  async function drip(atOnce: string, slowly: string): Promise<{ status: number | null; afterMs: number }> {
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
    const status = answer === '' ? null : Number(answer.split(' ')[1])
    return { status, afterMs: performance.now() - startedAt }
  }

  /** Sends a file of banners in more time than other requests have. Resolves with the status. */
  async function importSlowly(): Promise<number> {
    const lines = Array.from(
      { length: 44 },
      (_, id) => `${JSON.stringify({ id: id + 1, name: 'a' }).padEnd(8191)}\n`,
    )
    const body = Readable.from(lines, { objectMode: false }).pipe(
      new Transform({ transform: (line, _, done) => setTimeout(done, DRIP_INTERVAL_MS, null, line) }),
    )
    const answer = await fetch(`${test.thread.url}/banners`, {
      method: 'POST',
      headers: { authorization: `Bearer ${manager.text}`, 'content-type': 'application/x-ndjson' },
      body: Readable.toWeb(body) as ReadableStream,
      duplex: 'half',
    })
    expect(await answer.json()).to.include({ created: 44 })
    return answer.status
  }

  // In real time: the limits are the listener's own.
  it('are cut off after seconds with 408, uncounted, while others are served, and who imports banners', async function () {
    this.timeout(30_000)
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
      const [slowImport, silence, header, body] = await Promise.all([
        importSlowly(),
        drip('', ''),
        drip('GET /counter/1 HTTP/1.1\r\n', `A: ${'a'.repeat(1000)}`),
        drip(post, 'x'.repeat(999)),
      ])
      isOver = true
      await serving
      expect([header.status, body.status]).to.deep.equal([408, 408])
      expect(silence.status, 'who has sent nothing gets no answer').to.equal(null)
      expect(slowImport).to.equal(200)
      expect(silence.afterMs).to.be.within(4500, 10_000)
      expect(header.afterMs).to.be.within(4500, 10_000)
      expect(body.afterMs).to.be.within(7500, 13_000)
    })
    expect(counted).to.equal(served)
    expect(served).to.be.above(20)
  })
})
