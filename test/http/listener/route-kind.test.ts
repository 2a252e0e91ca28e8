import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { until } from '../../support/until.ts'

describe('latency', () => {
  let test: HttpTest
  before(async () => (test = await startHttpTest()))
  after(() => test.stop())

  it('is told of clicks, questions and what watches, each by itself', async () => {
    const { url } = test.thread
    /** An answer is booked when it has been sent, which may be after it has arrived. */
    const told = (...expected: boolean[]) =>
      until(async () => {
        const { http } = await test.health()
        const latencies = [http.latencyMs, http.readingLatencyMs, http.watchingLatencyMs]
        return isDeepStrictEqual(
          latencies.map(({ p50 }) => p50 > 0),
          expected,
        )
      })
    await told(false, false, true)
    const body = JSON.stringify({ from: '2024-12-12T10:00Z', to: '2024-12-12T11:00Z' })
    await fetch(`${url}/stats/1`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    await told(false, true, true)
    await fetch(`${url}/counter/1`)
    await told(true, true, true)
  })

  for (const [what, path] of [
    ['clicks that bring a body', '/counter/1'],
    ['bulks', '/counter'],
  ])
    it(`is a click's for ${what}`, async () => {
      const other = await startHttpTest()
      try {
        const body = JSON.stringify({ clicks: [{ id: 1 }] })
        const headers = { 'content-type': 'application/json' }
        expect((await fetch(`${other.thread.url}${path}`, { method: 'POST', headers, body })).ok).to.equal(
          true,
        )
        await until(async () => (await other.health()).http.latencyMs.p50 > 0)
      } finally {
        await other.stop()
      }
    })
})
