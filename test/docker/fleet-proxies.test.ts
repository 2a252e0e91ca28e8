import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect } from 'chai'
import { bareFetch } from '../support/documented-fetch.ts'
import { type FleetProxies, startFleetProxies } from '../support/fleet-proxies.ts'
import { chooseFreePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

const NAMES = ['nginx', 'HAProxy'] as const
const TRIES = 9
const CHECK_INTERVAL_MS = 50

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const BODY = '{"clicks":[{"id":1}]}'
const UNKEYED: Readonly<Record<string, Sent>> = {
  'a click by GET': { method: 'GET', path: '/counter/1' },
  'a click by POST': { method: 'POST', path: '/counter/1' },
  'a click that leads on': { method: 'GET', path: '/click/1' },
  'a bulk without a key': { method: 'POST', path: '/counter', body: BODY },
}
const KEYED: Sent = { ...UNKEYED['a bulk without a key']!, headers: { 'idempotency-key': 'order-17' } }

/** Two instances that answer, and in front of them one that reads each request, and then does as it is told. */
describe('the proxies of a fleet', () => {
  let proxies: FleetProxies | undefined
  let received = 0
  let reset = 0
  let first: 'answers' | 'resets' = 'answers'
  let seen: http.IncomingHttpHeaders = {}
  const servers: http.Server[] = []
  let firstPort: number

  before(async () => {
    firstPort = await chooseFreePort()
    const ports = [firstPort]
    servers.push(await open(firstPort, () => first))
    for (let nth = 0; nth < 2; nth++) servers.push(await open(0, () => 'answers'))
    for (const server of servers.slice(1)) ports.push((server.address() as AddressInfo).port)
    proxies = await startFleetProxies(ports, CHECK_INTERVAL_MS)
    await until(async () => (await proxies!.servingCount()) === 3)
  })
  after(async () => {
    await proxies?.end()
    for (const server of servers) close(server)
  })
  beforeEach(() => {
    received = 0
    reset = 0
    first = 'answers'
  })

  for (const [index, name] of NAMES.entries()) {
    for (const [what, sent] of Object.entries(UNKEYED))
      it(`${name} does not send ${what} again that got no answer`, async () => {
        first = 'resets'
        const statuses = await sendUntilReset(index, sent)
        // HAProxy closes a client's connection instead, when that to the instance was a kept one.
        expect(statuses.at(-1)).to.be.oneOf(index === 0 ? [502] : [502, 0])
        expect(received).to.equal(statuses.length)
      })

    it(`${name} sends a bulk with a key again that got no answer, to another instance`, async () => {
      first = 'resets'
      const statuses = await sendUntilReset(index, KEYED)
      expect(statuses).to.deep.equal(statuses.map(() => 204))
      expect(received).to.equal(statuses.length + 1)
    })

    it(`${name} sends everything to another instance when it gets no connection`, async () => {
      close(servers[0]!)
      for (const sent of [...Object.values(UNKEYED), KEYED])
        expect(await sendAll(index, sent)).to.deep.equal(Array(TRIES).fill(204))
      servers[0] = await open(firstPort, () => first)
      await until(async () => (await proxies!.servingCount()) === 3)
    })

    it(`${name} says for whom it asks`, async () => {
      await send(index, { method: 'GET', path: '/counter/1', headers: { 'x-forwarded-for': '1.1.1.1' } })
      expect(forwardedOf(seen)).to.match(/127\.0\.0\.1$/)
      expect(seen['x-forwarded-proto']).to.equal('http')
      expect(seen['x-forwarded-host']).to.match(/^127\.0\.0\.1/)
    })

    it(`${name} passes on what pages and senders of bulks need, and nothing else`, async () => {
      for (const path of ['/', '/health', '/%68ealth', '/stats/1', '/banners', '/counters'])
        expect(await send(index, { method: 'GET', path })).to.equal(404)
      expect(received).to.equal(0)
      for (const path of ['/counter/1.gif', '/clickcounter.js'])
        expect(await send(index, { method: 'GET', path })).to.equal(204)
    })
  }

  /** The statuses, until the first instance has had one of them. nginx leaves it alone for a second after the last one. */
  async function sendUntilReset(index: number, sent: Sent): Promise<number[]> {
    const statuses: number[] = []
    while (reset === 0) statuses.push(await send(index, sent))
    return statuses
  }

  async function sendAll(index: number, sent: Sent): Promise<number[]> {
    const statuses: number[] = []
    for (let nth = 0; nth < TRIES; nth++) statuses.push(await send(index, sent))
    return statuses
  }

  /** The status; 0 for a connection that was closed without an answer. */
  async function send(index: number, { method, path, headers = {}, body }: Sent): Promise<number> {
    const answer = await bareFetch(proxies!.urls[index]! + path, {
      ...{ method, headers, redirect: 'manual' as const },
      ...(body === undefined ? {} : { body }),
    }).catch(() => null)
    await answer?.body?.cancel()
    return answer?.status ?? 0
  }

  async function open(port: number, conduct: () => 'answers' | 'resets'): Promise<http.Server> {
    const server = http.createServer((request, response) => {
      const isCheck = request.url === '/health/ready'
      if (!isCheck) {
        received++
        seen = request.headers
      }
      request.resume().on('end', () => {
        if (isCheck || conduct() === 'answers') response.writeHead(isCheck ? 200 : 204).end()
        else {
          reset++
          ;(request.socket as Socket).resetAndDestroy()
        }
      })
    })
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return server
  }
})

function forwardedOf(headers: http.IncomingHttpHeaders): string {
  return [headers['x-forwarded-for'] ?? ''].flat().join()
}

function close(server: http.Server): void {
  server.close()
  server.closeAllConnections()
}
