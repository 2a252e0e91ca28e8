import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, spawnService, startServiceProcess } from '../support/process.ts'

describe('starting', () => {
  let database: TestDatabase
  let dataDir: string
  beforeEach(async () => {
    database = await createTestDatabase({ isMigrated: false })
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-start-'))
  })
  afterEach(async () => {
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('brings up the embedded Postgres, keeps its clicks, and takes it over after kill -9', async () => {
    const first = await startServiceProcess({ DATA_DIR: dataDir })
    await click(first.url, 3)
    expect((await stats(first.url)).total).to.equal(3)
    first.signal('SIGKILL')
    await first.exited

    const second = await startServiceProcess({ DATA_DIR: dataDir })
    await second.line(/took over the embedded Postgres/)
    await click(second.url, 2)
    expect((await stats(second.url)).total).to.equal(5)
    expect(await endService(second)).to.equal(0)
  })

  it('prints where it listens, where the data is, and a line to try', async () => {
    const service = await startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir })
    await service.line(new RegExp(`data in ${dataDir}`))
    await service.line(new RegExp(`try: curl -i ${service.url}/counter/1`))
    await endService(service)
  })

  it('stops at wrong settings, with a line for each', async () => {
    const service = spawnService({ SERVER_PORT: '99999', JOURNAL_SYNC: 'maybe', DATA_DIR: dataDir })
    expect(await service.exited).to.equal(1)
    expect(service.lines).to.have.length(2)
    expect(service.lines[0]).to.match(/CLICKCOUNTER_SERVER_PORT.*99999.*65535/)
    expect(service.lines[1]).to.match(/CLICKCOUNTER_JOURNAL_SYNC.*maybe.*fsync/)
  })

  it('refuses a port that another program listens on', async () => {
    const other = net.createServer().listen({ port: 0, host: '127.0.0.1', reusePort: true })
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const settings = {
      SERVER_HOST: '127.0.0.1',
      SERVER_PORT: String(port),
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
    }
    const service = spawnService(settings)
    expect(await service.exited).to.equal(1)
    expect(service.lines.at(-1)).to.match(new RegExp(`${port} is taken.*CLICKCOUNTER_SERVER_PORT`))
    other.close()
  })

  it('refuses a directory that another service uses, and leaves that one alone', async () => {
    const first = await startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir })
    const second = spawnService({
      SERVER_HOST: '127.0.0.1',
      SERVER_PORT: '0',
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
    })
    expect(await second.exited).to.equal(1)
    expect(second.lines.at(-1)).to.match(/in use by another clickcounter.*CLICKCOUNTER_DATA_DIR/)
    await click(first.url, 1)
    expect(await endService(first)).to.equal(0)
    expect(await database.totalClicks()).to.equal(1)
  })

  it('says what is wrong with a data directory that is a file', async () => {
    const file = join(dataDir, 'file')
    await writeFile(file, '')
    const service = spawnService({ SERVER_PORT: '0', DATABASE_URL: database.url, DATA_DIR: file })
    expect(await service.exited).to.equal(1)
    expect(service.lines.at(-1)).to.match(/cannot start: .*file.*CLICKCOUNTER_DATA_DIR/)
  })

  it('migrates once when two services start on a new database together', async () => {
    const settings = () => ({ DATABASE_URL: database.url })
    const services = await Promise.all([startServiceProcess(settings()), startServiceProcess(settings())])
    for (const service of services) {
      await click(service.url, 2)
      expect((await stats(service.url)).total).to.be.greaterThan(1)
    }
    for (const service of services) expect(await endService(service)).to.equal(0)
    expect(await database.totalClicks()).to.equal(4)
  })

  it('counts without a database, and stores everything when it comes', async () => {
    await database.drop()
    const service = await startServiceProcess({ DATABASE_URL: database.url, CLICK_FLUSHER_INTERVAL: '0.1' })
    await click(service.url, 7)
    const answer = await fetch(`${service.url}/health`)
    expect(answer.status).to.equal(200)
    const health = (await answer.json()) as { status: string; clicks: { pending: number } }
    expect(health.status).to.equal('degraded')
    expect(health.clicks.pending).to.equal(7)
    const refused = await postStats(service.url)
    expect(refused.status).to.equal(503)
    expect(Number(refused.headers.get('retry-after'))).to.be.greaterThan(0)

    await database.recreate()
    await service.line(/the tables were migrated/)
    expect((await stats(service.url)).total).to.equal(7)
    expect(await endService(service)).to.equal(0)
  })
})

async function click(url: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
}

function postStats(url: string): Promise<Response> {
  return fetch(`${url}/stats/1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"from":"2020-01-01","to":"2029-01-01"}',
  })
}

async function stats(url: string): Promise<{ total: number }> {
  const response = await postStats(url)
  expect(response.status).to.equal(200)
  return (await response.json()) as { total: number }
}
