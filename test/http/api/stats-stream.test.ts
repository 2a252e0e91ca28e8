import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { MAX_ANSWER_MS } from '../../../db/stats/read-stats.ts'
import { collectGarbage } from '../../support/garbage.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'

const YEAR = JSON.stringify({ from: '2023-01-01T00:00:00Z', to: '2024-01-01T00:00:00Z' })
const YEAR_MINUTES = 525_600
/** Uncompressed. */
const YEAR_BYTES = 18_900_000
/** All connections of the one thread for reading, and how many of them long answers may hold. */
const POOL_SIZE = 19
const PLACES = 9
const MAX_WAIT_MS = 10_000
const MEBIBYTE = 2 ** 20

describe('a year of stats', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    await test.database.storeMinutes(
      `SELECT 1, minute, 1 + extract(minute FROM minute)::int % 7
       FROM generate_series('2023-01-01Z'::timestamptz, '2023-12-31T23:59Z', '1 minute') AS minute`,
    )
  })
  after(() => test.stop())

  /** The answer as a stream that is read as slowly as the test likes. */
  async function ask(): Promise<http.IncomingMessage> {
    const [response] = await once(startRequest(), 'response')
    return response as http.IncomingMessage
  }

  function startRequest(localAddress = '127.0.0.1'): http.ClientRequest {
    const headers = { 'content-type': 'application/json' }
    const options = { method: 'POST', agent: false, localAddress, headers }
    return http.request(`${test.thread.url}/stats/1`, options).end(YEAR)
  }

  /** Resolves when no connection is in the middle of reading. */
  async function allGivenBack(): Promise<void> {
    const open = `SELECT pid FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name LIKE 'clickcounter request%'
                    AND state <> 'idle'`
    while ((await test.database.query(open)).length > 0);
  }

  // Right after the insert there are no statistics: the planner's worst case.
  it('is complete, ascending and summed up', async () => {
    const startedAt = performance.now()
    let firstByteAt = 0
    const chunks: Buffer[] = []
    for await (const chunk of await ask()) {
      firstByteAt ||= performance.now()
      chunks.push(chunk)
    }
    const endedAt = performance.now()
    const { total, stats } = JSON.parse(Buffer.concat(chunks).toString()) as {
      total: number
      stats: { ts: string; v: number }[]
    }
    expect(stats).to.have.length(YEAR_MINUTES)
    expect(total).to.equal(stats.reduce((sum, { v }) => sum + v, 0))
    const start = Date.parse('2023-01-01Z')
    const wrong = stats.find(({ ts }, minute) => Date.parse(ts) !== start + minute * 60_000)
    expect(wrong).to.equal(undefined)
    console.log(
      `        first byte ${(firstByteAt - startedAt).toFixed(0)} ms, all ${(endedAt - startedAt).toFixed(0)} ms`,
    )
  })

  it('is never held in memory, however slowly it is read', async () => {
    const heldBytes = () => {
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    const before = heldBytes()
    let mostHeldBytes = 0
    let readBytes = 0
    let nextLookBytes = 0
    for await (const chunk of await ask()) {
      readBytes += (chunk as Buffer).length
      if (readBytes < nextLookBytes) continue
      // Time in which a server that does not wait for its reader would go on filling memory.
      await new Promise(resolve => setTimeout(resolve, 20))
      mostHeldBytes = Math.max(mostHeldBytes, heldBytes() - before)
      nextLookBytes += MEBIBYTE
    }
    expect(readBytes).to.be.above(YEAR_BYTES)
    // Two pages and what is in the sockets' buffers.
    expect(mostHeldBytes).to.be.below(YEAR_BYTES / 2)
  })

  it('gives its connection back when the client goes away in the middle', async () => {
    for (let round = 0; round < POOL_SIZE + 5; round++) {
      let readBytes = 0
      // Every second time with the answer piled up, otherwise with the next page on its way.
      for await (const chunk of await ask()) {
        readBytes += (chunk as Buffer).length
        if (round % 2 === 0 || readBytes > round * 100_000) break
      }
    }
    await allGivenBack()
    const year = (await (await test.stats(1, YEAR)).json()) as { stats: unknown[] }
    expect(year.stats).to.have.length(YEAR_MINUTES)
  })

  it('gives its connection back when the client goes away before the answer has begun', async () => {
    for (let round = 0; round < 2 * POOL_SIZE; round++) {
      const request = startRequest().on('error', () => {})
      await once(request, 'finish')
      // Later each time: before the flush, while the connection is fetched, with the first page on its way.
      for (let tick = 0; tick < round; tick++) await setImmediate()
      request.destroy()
    }
    await allGivenBack()
    const year = (await (await test.stats(1, YEAR)).json()) as { stats: unknown[] }
    expect(year.stats).to.have.length(YEAR_MINUTES)
  })

  describe('of many who read slowly', () => {
    const requests: http.ClientRequest[] = []
    afterEach(async () => {
      globalThis.setTimeout = realSetTimeout
      for (const request of requests.splice(0)) request.destroy()
      await allGivenBack()
    })

    /**
     * Asks for twice as many years as there are connections, each as another client, and reads none. Resolves when the first
     * ones are answered.
     */
    async function askAndReadNothing(): Promise<http.IncomingMessage[]> {
      const answers: http.IncomingMessage[] = []
      while (requests.length < 2 * POOL_SIZE)
        requests.push(
          startRequest(`127.0.1.${1 + requests.length}`)
            .on('error', () => {})
            .on('response', answer => answers.push(answer)),
        )
      while (answers.length < PLACES) await setImmediate()
      return answers
    }

    it('leaves connections to whoever asks for little', async () => {
      await askAndReadNothing()
      for (let nth = 0; nth < 10; nth++) {
        const askedAtMs = performance.now()
        const answer = await test.stats(1, { from: '2023-05-01', to: '2023-05-02' })
        expect(((await answer.json()) as { stats: unknown[] }).stats).to.have.length(1440)
        expect(performance.now() - askedAtMs).to.be.below(2000)
        await delay(20)
      }
    })

    it('is refused to whoever finds no place in time', async () => {
      hurry({ [MAX_WAIT_MS]: 500 })
      const answers = await askAndReadNothing()
      while (answers.length < 2 * POOL_SIZE) await setImmediate()
      const refused = answers.filter(({ statusCode }) => statusCode === 503)
      expect(refused).to.have.length(2 * POOL_SIZE - PLACES)
      const refusal = await test.stats(1, YEAR)
      expect(refusal.headers.get('retry-after')).to.equal('5')
      expect(expectError(refusal.status, await refusal.text(), 503)).to.match(/^Too many long answers/)
    })

    it('breaks off in the end, and others have its place', async () => {
      hurry({ [MAX_ANSWER_MS]: 500 })
      const answers = await askAndReadNothing()
      while (answers.length < 2 * PLACES) await setImmediate()
      const brokenOff = await answers[0]!.toArray().catch((error: NodeJS.ErrnoException) => error.code)
      expect(brokenOff).to.equal('ECONNRESET')
    })
  })

  it('lets clicks through while it is sent', async () => {
    const counted = await test.clicksCounted(async () => {
      const response = await ask()
      let isSent = false
      const sending = once(response.resume(), 'end').then(() => {
        isSent = true
      })
      let clicks = 0
      while (!isSent || clicks === 0) {
        expect((await fetch(`${test.thread.url}/counter/2`)).status).to.equal(204)
        clicks++
      }
      await sending
      expect(clicks).to.be.above(1)
    })
    expect(counted).to.be.above(1)
  })
})

const realSetTimeout = globalThis.setTimeout

/** Timers of exactly such a time run for another one from now on. */
function hurry(times: Readonly<Record<number, number>>): void {
  const hurried = (callback: (...args: unknown[]) => void, timeMs: number, ...args: unknown[]) =>
    realSetTimeout(callback, times[timeMs] ?? timeMs, ...args)
  globalThis.setTimeout = hurried as typeof setTimeout
}
