import type { AddressInfo, Server } from 'node:net'
import { expect } from 'chai'
import { sumOverThreads } from '../../../lib/books/balance.ts'
import { ThreadBooks } from '../../../lib/books/thread-books.ts'
import { Forwarded } from '../../../lib/http/entrance/forwarded.ts'
import { createDoor, openDoor } from '../../../lib/http/listener/door.ts'
import { HttpConnections } from '../../../lib/http/listener/http-connections.ts'
import { Turns } from '../../../lib/http/listener/turns.ts'
import { SharedMemory } from '../../../lib/memory/shared-memory.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { type FrontProxy, startHaproxy, startNginx } from '../../support/front-proxies.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const CLIENTS = ['203.0.113.9', '2001:db8:1:2::9']

/** What clients send to be taken for somebody else. */
const FORGED: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  'another address': ['1.1.1.1'],
  'the address of a proxy': ['127.0.0.1'],
  'an empty field': [''],
  'no address': ['unknown, _hidden, "1.1.1.1", for=1.1.1.1, fe80::1%eth0, 010.0.0.1, \xff'],
  'several fields': ['1.1.1.1', '127.0.0.1, 127.0.0.1', 'unknown'],
  '1000 hops': [Array(1000).fill('1.1.1.1').join()],
  '10 KB': ['x'.repeat(10_240)],
}

const PROXIES = {
  appending: 'an nginx that appends',
  replacing: 'an nginx that replaces',
  haproxy: 'HAProxy',
  chain: 'HAProxy and nginx',
} as const

/** What a request looks like to the service. */
interface Seen {
  readonly client: string
  readonly isHttps: boolean
  readonly host: string | undefined
}

describe('the client behind real proxies', () => {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  const books = new ThreadBooks(memory, 0, Date.now)
  const malformed = () => sumOverThreads(memory, 'forwardedMalformed')
  const doors: Server[] = []
  const proxies: FrontProxy[] = []
  const ports = { appending: 0, replacing: 0, haproxy: 0, chain: 0, inner: 0, trusting: 0, doubting: 0 }

  before(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await chooseFreePort()
    ports.trusting = await openService(['127.0.0.1', '::1'])
    ports.doubting = await openService(['192.0.2.0/24'])
    proxies.push(await startNginx(ports.appending, nginxServers()))
    proxies.push(await startHaproxy(ports.haproxy, haproxySections()))
  })
  after(async () => {
    for (const proxy of proxies) await proxy.end()
    for (const door of doors) door.close()
  })

  for (const name of Object.keys(PROXIES) as (keyof typeof PROXIES)[])
    for (const [what, fields] of Object.entries(FORGED))
      it(`is seen through ${PROXIES[name]}, although it sends ${what}`, async () => {
        for (const client of CLIENTS)
          expect(await ask(ports[name], fields, client)).to.deep.equal({
            client,
            isHttps: false,
            host: 'counter',
          })
        expect(malformed()).to.equal(0)
      })

  it('is who connects, when that is no trusted proxy', async () => {
    for (const fields of Object.values(FORGED))
      expect(await ask(ports.doubting, fields)).to.deep.equal({
        client: '127.0.0.1',
        isHttps: false,
        host: 'counter',
      })
    expect(malformed()).to.equal(0)
  })

  it('is the proxy itself, and counted, when a trusted proxy passes on what clients send', async () => {
    expect((await ask(ports.trusting, ['unknown'])).client).to.equal('127.0.0.1')
    expect(malformed()).to.equal(1)
  })

  it('is believed about https and its host by way of a trusted proxy, in one value', async () => {
    const says = (scheme: string, host: string) => [
      `X-Forwarded-Proto: ${scheme}`,
      `X-Forwarded-Host: ${host}`,
    ]
    const believed = { client: '127.0.0.1', isHttps: true, host: 'shop.example' }
    const doubted = { client: '127.0.0.1', isHttps: false, host: 'counter' }
    expect(await askWith(ports.trusting, says('https', 'shop.example'))).to.deep.equal(believed)
    expect(await askWith(ports.trusting, says('HTTPS', 'shop.example'))).to.deep.equal(believed)
    expect(await askWith(ports.doubting, says('https', 'shop.example'))).to.deep.equal(doubted)
    expect(await askWith(ports.trusting, says('https, http', 'a.example, b.example'))).to.deep.equal(doubted)
    expect(
      await askWith(ports.trusting, [...says('https', 'a.example'), ...says('https', 'b.example')]),
    ).to.deep.equal(doubted)
  })

  /** What it answers is what it sees. Returns its port. */
  async function openService(trustedProxies: readonly string[]): Promise<number> {
    const forwarded = new Forwarded(trustedProxies, () => books.countMalformedForwarded())
    const http = new HttpConnections({
      books,
      handler: {
        serve: (_event, request, response) => {
          const seen: Seen = {
            client: forwarded.clientOf(request),
            isHttps: forwarded.isHttps(request),
            host: forwarded.hostOf(request),
          }
          response.end(JSON.stringify(seen))
        },
        hasGet: () => true,
        maxBodyBytes: () => 0,
      },
      clientOf: () => 'somebody',
      turns: new Turns(),
    })
    const anybody = { maxConnections: 1000, clientOf: () => null, noteRefused: () => {} }
    const door = createDoor(anybody, socket => http.take(socket))
    await openDoor(door, { host: '127.0.0.1', port: 0, reusePort: false })
    door.once('close', () => http.destroy())
    doors.push(door)
    return (door.address() as AddressInfo).port
  }

  /** As of docs/proxies.md. The clients' addresses come by the PROXY protocol, as from a balancer of TCP. */
  function nginxServers(): string {
    const server = (listen: string, forwardedFor: string) => `
      server {
        listen 127.0.0.1:${listen};
        set_real_ip_from 127.0.0.1;
        real_ip_header proxy_protocol;
        location / {
          proxy_pass http://127.0.0.1:${ports.trusting};
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-Host $host;
          proxy_set_header X-Forwarded-Proto $scheme;
          proxy_set_header X-Forwarded-For ${forwardedFor};
        }
      }`
    return `
      large_client_header_buffers 4 32k;
      ${server(`${ports.appending} proxy_protocol`, '$proxy_add_x_forwarded_for')}
      ${server(`${ports.replacing} proxy_protocol`, '$remote_addr')}
      ${server(`${ports.inner}`, '$proxy_add_x_forwarded_for').replace(/real_ip_header.*/, '')}`
  }

  function haproxySections(): string {
    const proxy = (name: string, port: number, target: number) => `
frontend ${name}
  bind 127.0.0.1:${port} accept-proxy
  option forwardfor
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend ${name}
backend ${name}
  server counter 127.0.0.1:${target}`
    return `
global
  tune.bufsize 32768
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
${proxy('alone', ports.haproxy, ports.trusting)}
${proxy('outer', ports.chain, ports.inner)}`
  }
})

/** Sends each field as X-Forwarded-For, and claims https and another host besides. */
function ask(port: number, fields: readonly string[], client?: string): Promise<Seen> {
  const forged = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.example']
  return askWith(port, [...forged, ...fields.map(field => `X-Forwarded-For: ${field}`)], client)
}

async function askWith(port: number, headers: readonly string[], client?: string): Promise<Seen> {
  const family = client?.includes(':') ? ['TCP6', '::1'] : ['TCP4', '127.0.0.1']
  const prologue = client === undefined ? '' : `PROXY ${family[0]} ${client} ${family[1]} 50000 80\r\n`
  const text = requestText({ headers: [...headers, 'Connection: close'] })
  const [answer] = await talk(port, prologue + text)
  expect(answer!.status).to.equal(200)
  return JSON.parse(answer!.body) as Seen
}
