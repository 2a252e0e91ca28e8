import { expect } from 'chai'
import { CONTROL, SERVICE_SERVING, SERVICE_STOPPING } from '../../../lib/memory/layout.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'

/** The documented fields and what they are; a dashboard depends on each. */
const documented = {
  status: 'string',
  version: 'string',
  startedAt: 'time',
  uptimeSeconds: 'number',
  clicks: {
    accepted: 'number',
    stored: 'number',
    pending: 'number',
    lost: 'number',
    byClass: { valid: 'number', bot: 'number', duplicate: 'number' },
    perSecond: 'number',
    refused: { journal: 'number', full: 'number', limit: 'number' },
    ignored: { prefetch: 'number', unknown: 'number', inactive: 'number' },
  },
  ring: {
    generation: 'number',
    slots: 'number',
    slotsUsed: 'number',
    slotsForUnknown: 'number',
    slotsUsedByUnknown: 'number',
    refusedUnknown: 'number',
  },
  journal: {
    sync: 'string',
    files: 'number',
    bytes: 'number',
    maxBytes: 'number',
    fullInSeconds: 'null',
    oldestSeconds: 'number',
    damaged: 'number',
  },
  flush: {
    intervalSeconds: 'number',
    lastAt: 'time',
    lastDurationMs: 'number',
    lastRows: 'number',
    failures: 'number',
    lastError: 'null',
  },
  database: { status: 'string', downSince: 'null', host: 'string', lastError: 'null' },
  http: {
    requests: 'number',
    responses: { '2xx': 'number', '3xx': 'number', '4xx': 'number', '5xx': 'number' },
    refused: { connections: 'number', requests: 'number' },
    malformedForwarded: 'number',
    latencyMs: { p50: 'number', p90: 'number', p99: 'number', p999: 'number' },
    readingLatencyMs: { p50: 'number', p90: 'number', p99: 'number', p999: 'number' },
    watchingLatencyMs: { p50: 'number', p90: 'number', p99: 'number', p999: 'number' },
  },
  memory: { rssBytes: 'number' },
}
const documentedThread = {
  id: 'number',
  requests: 'number',
  utilization: 'number',
  eventLoopDelayP99Ms: 'number',
}

type Shape = { readonly [field: string]: string | Shape }

/** More fields may come. */
function expectShape(value: unknown, shape: Shape, path = ''): void {
  for (const [field, expected] of Object.entries(shape)) {
    const found = (value as Record<string, unknown>)[field]
    const name = `${path}${field}`
    if (typeof expected === 'object') expectShape(found, expected, `${name}.`)
    else if (expected === 'null') expect(found, name).to.equal(null)
    else if (expected === 'time') expect(found, name).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    else if (expected === 'number') expect(found, name).to.be.a('number').and.satisfy(Number.isFinite)
    else expect(found, name).to.be.a(expected).and.not.equal('')
  }
}

describe('health', () => {
  let proxy: PostgresProxy
  let test: HttpTest
  let setServiceState: (state: number) => void
  before(async () => {
    test = await startHttpTest({
      through: async server => {
        proxy = await startPostgresProxy(server)
        return proxy.server
      },
    })
    setServiceState = state => void Atomics.store(test.thread.memory.i32, CONTROL.serviceState, state)
  })
  after(async () => {
    proxy.restore()
    await test.stop()
    await proxy.close()
  })

  it('has every documented field, and may be read by any page but kept by nobody', async () => {
    await fetch(`${test.thread.url}/counter/1`)
    await test.thread.flush()
    const response = await fetch(`${test.thread.url}/health`)
    expect(response.status).to.equal(200)
    expect(response.headers.get('cache-control')).to.equal('no-store')
    expect(response.headers.get('access-control-allow-origin')).to.equal('*')
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    const report = (await response.json()) as { threads: unknown[] }
    expectShape(report, documented)
    expect(report.threads).to.have.length(1)
    expectShape(report.threads[0], documentedThread, 'threads[0].')
  })

  it('counts answers, refusals and clicks', async () => {
    const before = await test.health()
    for (const id of [1, 2, 'x']) await fetch(`${test.thread.url}/counter/${id}`)
    const after = await test.health()
    // The first request is in the second one's numbers.
    expect(after.http.requests - before.http.requests).to.equal(4)
    expect(after.http.responses['2xx'] - before.http.responses['2xx']).to.equal(3)
    expect(after.http.responses['4xx'] - before.http.responses['4xx']).to.equal(1)
    expect(after.clicks.accepted - before.clicks.accepted).to.equal(2)
    expect(after.clicks.pending).to.equal(2)
    expect(after.ring.slotsUsed).to.equal(2)
    expect(after.http.latencyMs.p99).to.be.above(0)
    await test.thread.flush()
    expect((await test.health()).clicks).to.include({ stored: after.clicks.accepted, pending: 0 })
  })

  it('has every answer in one class', async () => {
    const page = `${test.thread.url}/dashboard`
    const before = (await test.health()).http
    const etag = (await fetch(page)).headers.get('etag')!
    expect((await fetch(page, { headers: { 'if-none-match': etag } })).status).to.equal(304)
    const { requests, responses } = (await test.health()).http
    expect(responses['3xx']).to.equal(before.responses['3xx'] + 1)
    expect(Object.values(responses).reduce((sum, answers) => sum + answers, 0)).to.equal(requests)
  })

  it('balances its books in every answer, whatever goes on', async () => {
    const { url, flush } = test.thread
    let isOver = false
    const clicking = Array.from({ length: 8 }, async (_, client) => {
      while (!isOver) await fetch(`${url}/counter/${client + 1}`)
    })
    const flushing = (async () => {
      // A flush of nothing is over at once; the fetch leaves a tick to the others.
      while (!isOver) await Promise.all([fetch(`${url}/counter/9`), flush()])
    })()
    for (let look = 0; look < 100; look++) {
      const { accepted, stored, pending, lost } = (await test.health()).clicks
      expect(stored + pending + lost).to.equal(accepted)
    }
    isOver = true
    await Promise.all([...clicking, flushing])
  })

  it('does not ask the database, and answers without it', async () => {
    await test.thread.flush()
    const statements: string[] = []
    proxy.judge = ({ sql }) => {
      statements.push(sql)
      return 'pass'
    }
    for (let look = 0; look < 20; look++) expect((await test.health()).status).to.equal('ok')
    expect(statements).to.deep.equal([])
    proxy.cut()
    await fetch(`${test.thread.url}/counter/1`)
    const refused = await test.thread.flush().catch((error: Error) => error)
    expect(refused).to.be.instanceOf(Error)
    const report = await test.health()
    expect(report.status).to.equal('degraded')
    expect(report.database.status).to.equal('down')
    expect(report.database.lastError).to.be.a('string')
    expect(report.flush.failures).to.be.above(0)
    expect(report.clicks.pending).to.equal(1)
  })

  it('answers HEAD as GET, without a body', async () => {
    const response = await fetch(`${test.thread.url}/health`, { method: 'HEAD' })
    expect(response.status).to.equal(200)
    expect(response.headers.get('access-control-allow-origin')).to.equal('*')
    expect(await response.text()).to.equal('')
  })

  it('is a check by OPTIONS as well, which no preflight is', async () => {
    setServiceState(SERVICE_STOPPING)
    const ask = (headers: Record<string, string>) =>
      fetch(`${test.thread.url}/health`, { method: 'OPTIONS', headers }).then(({ status }) => status)
    expect(await ask({})).to.equal(503)
    expect(await ask({ 'access-control-request-method': 'GET' })).to.equal(204)
    setServiceState(SERVICE_SERVING)
    expect(await ask({})).to.equal(204)
  })

  it('lets a page of another origin ask, without credentials', async () => {
    const response = await fetch(`${test.thread.url}/health`, { method: 'OPTIONS' })
    expect(response.status).to.equal(204)
    expect(response.headers.get('access-control-allow-origin')).to.equal('*')
    expect(response.headers.get('access-control-allow-methods')).to.equal('GET')
    expect(response.headers.get('access-control-allow-credentials')).to.equal(null)
  })
})
