import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { bareFetch } from '../support/documented-fetch.ts'
import { chooseFreePort } from '../support/free-port.ts'
import { type FrontProxy, startHaproxy, startNginx } from '../support/front-proxies.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { scaled } from './scale.ts'

const RESTARTS = scaled(2, 12)
const CLICKS_PER_SECOND = scaled(600, 2000)
const CONNECTIONS_PER_PROXY = 8
/** HAProxy answers 200 while both instances are up. */
const ALL_UP_PATH = '/all-up'
/** The long form is that of docs/deployment.md. In both, HAProxy notices the stop before the port is closed. */
const CHECK_INTERVAL_MS = scaled(100, 1000)
const DRAIN_SECONDS = scaled(0.6, 3)
const CHECKS = `check inter ${CHECK_INTERVAL_MS}ms fall 2 rise 2`
const LOOK_INTERVAL_MS = 50

describe('instances behind proxies, restarted in turns', () => {
  let database: TestDatabase
  const services: ServiceProcess[] = []
  const proxies: FrontProxy[] = []
  before(async () => {
    database = await createTestDatabase()
  })
  after(async () => {
    await Promise.all([...proxies.map(proxy => proxy.end()), ...services.map(endService)])
    await database.drop()
  })

  it('answer every click through nginx and HAProxy, POST as well as GET', async function () {
    this.timeout(scaled(60_000, 300_000))
    const [ports, nginxPort, haproxyPort] = [
      [await chooseFreePort(), await chooseFreePort()],
      await chooseFreePort(),
      await chooseFreePort(),
    ]
    const start = (port: number) =>
      startServiceProcess({
        DATABASE_URL: database.url,
        SERVER_PORT: String(port),
        SERVER_THREADS: '2',
        DRAIN_SECONDS: String(DRAIN_SECONDS),
      })
    services.push(...(await Promise.all(ports.map(start))))
    proxies.push(
      await startNginx(nginxPort, nginxServers(nginxPort, ports)),
      await startHaproxy(haproxyPort, haproxySections(haproxyPort, ports)),
    )
    const load = new Load([nginxPort, haproxyPort].map(port => `http://127.0.0.1:${port}`))
    for (let restart = 0; restart < RESTARTS; restart++) {
      const index = restart % services.length
      expect(await endService(services[index]!)).to.equal(0)
      services[index] = await start(ports[index]!)
      while ((await bareFetch(`http://127.0.0.1:${haproxyPort}${ALL_UP_PATH}`)).status !== 200)
        await delay(LOOK_INTERVAL_MS)
    }
    const { sent, failures } = await load.stop()
    expect(await Promise.all(services.splice(0).map(endService))).to.deep.equal(ports.map(() => 0))
    console.log(`      restarts ${RESTARTS}, clicks ${sent}, failed ${failures.length}`)
    expect(failures).to.deep.equal([])
    expect(await database.totalClicks()).to.equal(sent)
  })
})

function nginxServers(port: number, backends: readonly number[]): string {
  return `
    upstream clickcounter {
      ${backends.map(backend => `server 127.0.0.1:${backend} max_fails=0;`).join(' ')}
      keepalive 32;
    }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass http://clickcounter;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
      }
    }`
}

function haproxySections(port: number, backends: readonly number[]): string {
  return `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout check 2s
frontend all
  bind 127.0.0.1:${port}
  monitor-uri ${ALL_UP_PATH}
  monitor fail if { nbsrv(clickcounter) lt ${backends.length} }
  default_backend clickcounter
backend clickcounter
  option httpchk GET /health/ready
${backends.map((backend, index) => `  server s${index} 127.0.0.1:${backend} ${CHECKS}`).join('\n')}`
}

/** Clicks at a rate, every second one a POST, on connections that are kept alive. */
class Load {
  readonly #agents: http.Agent[] = []
  readonly #failures: string[] = []
  readonly #loops: Promise<void>[]
  #sent = 0
  #isOver = false

  constructor(urls: readonly string[]) {
    const connections = urls.length * CONNECTIONS_PER_PROXY
    this.#loops = urls.flatMap(url => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS_PER_PROXY })
      this.#agents.push(agent)
      return Array.from({ length: CONNECTIONS_PER_PROXY }, () =>
        this.#click(url, agent, CLICKS_PER_SECOND / connections),
      )
    })
  }

  /** What failed: the method, and the status or error. */
  async stop(): Promise<{ sent: number; failures: string[] }> {
    this.#isOver = true
    await Promise.all(this.#loops)
    for (const agent of this.#agents) agent.destroy()
    return { sent: this.#sent, failures: this.#failures }
  }

  async #click(url: string, agent: http.Agent, perSecond: number): Promise<void> {
    const startedAtMs = performance.now()
    for (let nth = 0; !this.#isOver; nth++) {
      await delay(Math.max(0, startedAtMs + (nth * 1000) / perSecond - performance.now()))
      const method = nth % 2 === 0 ? 'GET' : 'POST'
      const outcome = await send(`${url}/counter/${(nth % 100) + 1}`, method, agent)
      this.#sent++
      if (outcome !== '204') this.#failures.push(`${method} ${url}: ${outcome}`)
    }
  }
}

/** The status, or the error's code. */
function send(url: string, method: string, agent: http.Agent): Promise<string> {
  return new Promise(resolve => {
    http
      .request(url, { method, agent }, response => {
        response.resume()
        response.on('end', () => resolve(String(response.statusCode)))
      })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end()
  })
}
