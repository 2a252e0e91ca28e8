import { expect } from 'chai'
import { type FloodLoad, type FloodResult, flood } from '../../bench/load/flood.ts'
import { type OpenLoopResult, openLoop } from '../../bench/load/open-loop.ts'
import { createTestDatabase } from '../support/database.ts'
import { type Health, health, untilAllStored } from '../support/health.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { needCompiler } from '../support/programs.ts'

const SECONDS = 1
const OTHERS = { ratePerSecond: 500, seconds: SECONDS, banners: 100, connections: 32, addresses: 32 }
/** The address and the pace of who floods. */
const FLOODER = { address: '127.0.0.2', ratePerSecond: 5000, seconds: SECONDS, connections: 200 }
/** Of a number that is random in each request. */
const RANDOM = '777777777'
const BULK = `{"clicks":[${Array.from({ length: 10_000 }, (_, nth) => `{"id":${1001 + nth}}`).join()}]}`

// The clients wait with Linux's epoll.
if (process.platform === 'linux') describe('one client that floods', floods)

function floods() {
  const key = `Authorization: Bearer ${'a'.repeat(32)}`
  const loads: Readonly<Record<string, Pick<FloodLoad, 'request' | 'readBytes'>>> = {
    'random ids': { request: request('GET', `/counter/${RANDOM}`) },
    bulks: { request: request('POST', '/counter', [key], BULK) },
    'connections that do nothing': { request: '' },
    'answers that he does not read': {
      request: request('GET', '/stats/1?from=2025-01-01&to=2025-02-01&step=minute&fill=true', [key]),
      readBytes: 64,
    },
    'wrong keys': { request: request('GET', '/stats/1', [`Authorization: Bearer ${RANDOM}`]) },
  }
  const others = new Map<string, OpenLoopResult>()
  const flooder = new Map<string, FloodResult>()
  let storedOfOthers: number
  let report: Health

  before(async function () {
    this.timeout(120_000)
    needCompiler()
    const database = await createTestDatabase()
    const service = await startServiceProcess({
      DATABASE_URL: database.url,
      SERVER_THREADS: '1',
      ADMIN_KEY: 'a'.repeat(32),
    })
    for (const [name, load] of Object.entries(loads)) {
      const [ofOthers, ofFlooder] = await Promise.all([
        openLoop(service.url, OTHERS),
        flood(service.url, { ...FLOODER, ...load }),
      ])
      others.set(name, ofOthers)
      flooder.set(name, ofFlooder)
    }
    await untilAllStored(service)
    report = await health(service)
    const [row] = await database.query<{ clicks: number }>(
      'SELECT sum(clicks)::int AS clicks FROM click_minutes WHERE banner_id BETWEEN 1 AND 100',
    )
    storedOfOthers = row!.clicks
    expect(await endService(service)).to.equal(0)
    await database.drop()
  })

  for (const name of Object.keys(loads))
    it(`with ${name} takes no click from others`, () => {
      const { acknowledged, failed } = others.get(name)!
      expect({ acknowledged, failed }).to.deep.equal({
        acknowledged: OTHERS.ratePerSecond * SECONDS,
        failed: 0,
      })
    })

  it('loses nothing of what others sent, and is refused himself', () => {
    expect(storedOfOthers).to.equal(others.size * OTHERS.ratePerSecond * SECONDS)
    expect(report.clicks.accepted).to.equal(report.clicks.stored)
    // More of his connections asked at once than one client has places.
    expect(flooder.get('answers that he does not read')!.answers[429]).to.be.at.least(1)
    const { requests, connections } = report.http.refused
    expect([requests > 0, connections]).to.deep.equal([true, 0])
  })
}

function request(method: string, path: string, fields: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]
  return [`${method} ${path} HTTP/1.1`, 'Host: counter', ...fields, ...length, '', body].join('\r\n')
}
