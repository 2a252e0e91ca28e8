import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { drive } from '../support/drive.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { LEADING } from '../support/settings.ts'

describe('stopping', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(async () => {
    await database.drop()
  })

  it('loses nothing of 5 000 clicks a second over two threads, from SIGTERM to the next start', async function () {
    this.timeout(60_000)
    const settings = { ...LEADING, DATABASE_URL: database.url, SERVER_THREADS: '2' }
    const first = await startServiceProcess(settings)
    const driven = await drive(first.url, { ratePerSecond: 5000, seconds: 10 })
    expect(driven.failed).to.equal(0)
    expect(await endService(first)).to.equal(0)
    const second = await startServiceProcess(settings)
    await fetch(`${second.url}/counter/1`)
    expect(await endService(second)).to.equal(0)
    expect(await database.totalClicks()).to.equal(50_001)
  })

  it('stores every click it acknowledged when SIGTERM comes in the middle of the load', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, SERVER_THREADS: '2' })
    const clicks = Array.from({ length: 4 }, () => clickUntilRefused(service))
    await Promise.race([delay(1000), service.exited])
    service.signal('SIGTERM')
    const outcomes = await Promise.all(clicks)
    expect(await endService(service)).to.equal(0)
    const acknowledged = outcomes.reduce((sum, outcome) => sum + outcome.acknowledged, 0)
    const unknown = outcomes.reduce((sum, outcome) => sum + outcome.unknown, 0)
    expect(acknowledged).to.be.greaterThan(100)
    expect(await database.totalClicks()).to.be.within(acknowledged, acknowledged + unknown)
  })

  it('serves on after SIGTERM, alive and not ready, for DRAIN_SECONDS', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, DRAIN_SECONDS: '1.5' })
    const statusOf = async (path: string) => (await fetch(`${service.url}${path}`)).status
    expect(await statusOf('/health/ready')).to.equal(200)
    const signalledAtMs = performance.now()
    service.signal('SIGTERM')
    await service.line(/not ready, serving on for 1.5 s/)
    expect(await (await fetch(`${service.url}/health/ready`)).json()).to.deep.equal({ status: 'stopping' })
    const paths = ['/health/ready', '/health', '/health/live', '/counter/1']
    expect(await Promise.all(paths.map(statusOf))).to.deep.equal([503, 503, 200, 204])
    expect(await service.exited).to.equal(0)
    expect(performance.now() - signalledAtMs).to.be.at.least(1500)
    await endService(service)
    expect(await database.totalClicks()).to.equal(1)
  })

  it('exits at once at a second signal while it serves on', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, DRAIN_SECONDS: '60' })
    service.signal('SIGTERM')
    await service.line(/SIGTERM: stopping/)
    // Past the time in which a second signal counts as npm's echo of the first.
    await delay(600)
    service.signal('SIGTERM')
    expect(await service.exited).to.equal(1)
    await endService(service)
  })

  it('does not wait for a request that is only half sent', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url })
    const socket = net.connect(Number(new URL(service.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /counter/1 HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf')
    await once(socket, 'connect')
    const stoppedAtMs = performance.now()
    expect(await endService(service)).to.equal(0)
    expect(performance.now() - stoppedAtMs).to.be.lessThan(9000)
    expect(await database.totalClicks()).to.equal(0)
    socket.destroy()
  })

  it('exits 1 at the deadline and says what was left when the database is away', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, CLICK_FLUSHER_INTERVAL: '60' })
    for (let click = 0; click < 5; click++) await fetch(`${service.url}/counter/1`)
    await database.drop()
    expect(await endService(service)).to.equal(1)
    expect(service.lines.at(-1))
      .to.match(/5 clicks could not be stored in time, and 1 file wait/)
      .and.to.include(`so does npm run journal -- store ${service.dataDir}.`)
  })

  it('exits at once at a second signal', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, CLICK_FLUSHER_INTERVAL: '60' })
    await fetch(`${service.url}/counter/1`)
    await database.drop()
    service.signal('SIGINT')
    await service.line(/SIGINT: stopping/)
    // Past the time in which a second signal counts as npm's echo of the first.
    await delay(600)
    const signalledAtMs = performance.now()
    service.signal('SIGINT')
    expect(await service.exited).to.equal(1)
    expect(performance.now() - signalledAtMs).to.be.lessThan(2000)
    await endService(service)
  })

  it('takes the two signals of one Ctrl-C under npm for one', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url })
    await fetch(`${service.url}/counter/1`)
    service.signal('SIGINT')
    service.signal('SIGINT')
    expect(await service.exited).to.equal(0)
    await endService(service)
    expect(await database.totalClicks()).to.equal(1)
  })
})

/** One click after the other on a connection of its own, until the service does not answer any more. */
async function clickUntilRefused({
  url,
}: ServiceProcess): Promise<{ acknowledged: number; unknown: number }> {
  for (let acknowledged = 0; ; acknowledged++) {
    const status = await fetch(`${url}/counter/${(acknowledged % 100) + 1}`).then(
      response => response.status,
      () => null,
    )
    if (status !== 204) return { acknowledged, unknown: status === null ? 1 : 0 }
  }
}
