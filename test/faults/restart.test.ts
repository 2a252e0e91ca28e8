import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type FleetProxies, startFleetProxies } from '../support/fleet-proxies.ts'
import { chooseFreePort } from '../support/free-port.ts'

import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { scaled } from './scale.ts'

const INSTANCES = 3
const RESTARTS = scaled(3, 12)
const CLICKS_PER_SECOND = scaled(600, 2000)
const CONNECTIONS_PER_PROXY = 8
/** Every so many requests of a connection, one is a bulk. */
const BULK_INTERVAL = 10
const BULK = '{"clicks":[{"id":1,"count":3},{"id":2}]}'
const BULK_CLICKS = 4
/** The long form is that of docs/proxies.md. In both, HAProxy notices the stop before the port is closed. */
const CHECK_INTERVAL_MS = scaled(100, 1000)
const DRAIN_SECONDS = scaled(0.6, 5)
const LOOK_INTERVAL_MS = 50

describe('instances behind proxies, restarted in turns', () => {
  let database: TestDatabase
  const services: ServiceProcess[] = []
  let proxies: FleetProxies | undefined
  before(async () => {
    database = await createTestDatabase()
  })
  after(async () => {
    await Promise.all([proxies?.end(), ...services.map(endService)])
    await database.drop()
  })

  it('answer every click and bulk through nginx and HAProxy, POST as well as GET', async function () {
    this.timeout(scaled(60_000, 300_000))
    const ports: number[] = []
    while (ports.length < INSTANCES) ports.push(await chooseFreePort())
    const start = (port: number) =>
      startServiceProcess({
        DATABASE_URL: database.url,
        SERVER_PORT: String(port),
        SERVER_THREADS: '1',
        DRAIN_SECONDS: String(DRAIN_SECONDS),
      })
    services.push(...(await Promise.all(ports.map(start))))
    const started = await startFleetProxies(ports, CHECK_INTERVAL_MS)
    proxies = started
    const load = new Load(started.urls)
    for (let restart = 0; restart < RESTARTS; restart++) {
      const index = restart % services.length
      expect(await endService(services[index]!)).to.equal(0)
      services[index] = await start(ports[index]!)
      while ((await started.servingCount()) < INSTANCES) await delay(LOOK_INTERVAL_MS)
    }
    const { sent, failures } = await load.stop()
    expect(await Promise.all(services.splice(0).map(endService))).to.deep.equal(ports.map(() => 0))
    console.log(`      restarts ${RESTARTS}, clicks ${sent}, failed ${failures.length}`)
    expect(failures).to.deep.equal([])
    expect(await database.totalClicks()).to.equal(sent)
  })
})

/** Clicks and bulks at a rate, of the clicks every second one a POST, on connections that are kept alive. */
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
      const isBulk = nth % BULK_INTERVAL === 0
      const method = nth % 2 === 1 ? 'GET' : 'POST'
      const path = isBulk ? '/counter' : `/counter/${(nth % 100) + 1}`
      const outcome = await send(url + path, method, agent, isBulk ? BULK : '')
      this.#sent += isBulk ? BULK_CLICKS : 1
      if (!outcome.startsWith('20')) this.#failures.push(`${method} ${url}${path}: ${outcome}`)
    }
  }
}

/** The status, or the error's code. */
function send(url: string, method: string, agent: http.Agent, body: string): Promise<string> {
  return new Promise(resolve => {
    http
      .request(url, { method, agent, headers: { 'content-type': 'application/json' } }, response => {
        response.resume()
        response.on('end', () => resolve(String(response.statusCode)))
      })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end(body)
  })
}
