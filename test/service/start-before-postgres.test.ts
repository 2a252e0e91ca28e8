import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { chooseFreePort } from '../support/free-port.ts'
import type { Health } from '../support/health.ts'
import { endService, type ServiceProcess, spawnService } from '../support/process.ts'
import { until } from '../support/until.ts'

const BEFORE_INITDB = new URL('./before-initdb.ts', import.meta.url).href
const CLICKS = 3
/** What a service says of a database that is away. */
const COMPLAINTS = /embedded_postgres_down|does not take the flush|cannot be prepared|database_down/

describe('a service whose embedded Postgres is not up yet', () => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-before-postgres-'))
  })
  afterEach(() => rm(dataDir, { recursive: true, force: true }))

  /** Resolves when clicks are accepted. */
  async function start(beforeInitdb: string): Promise<ServiceProcess> {
    const port = String(await chooseFreePort())
    const service = spawnService(
      {
        SERVER_HOST: '127.0.0.1',
        SERVER_PORT: port,
        SERVER_THREADS: '1',
        DATA_DIR: dataDir,
        CLICK_FLUSHER_INTERVAL: '0.1',
        TEST_BEFORE_INITDB: beforeInitdb,
      },
      ['--import', BEFORE_INITDB],
    )
    await service.line(/clicks are accepted after/)
    return { ...service, dataDir, url: `http://127.0.0.1:${port}` }
  }

  async function click(url: string): Promise<void> {
    for (let click = 0; click < CLICKS; click++)
      expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
  }

  const cluster = () => join(dataDir, 'postgres')

  it('counts, calls the database unknown, and answers a question when it is up, with each click once', async () => {
    const service = await start('sleep 2')
    await click(service.url)
    const { database, reason } = await health(service.url)
    expect({ database: database.status, reason }).to.deep.equal({
      database: 'unknown',
      reason: 'database_unknown',
    })
    expect(await findPostmaster(cluster())).to.equal(null)
    expect(await total(service.url)).to.equal(CLICKS)
    await service.line(/listening on/)
    expect(service.lines.filter(line => COMPLAINTS.test(line))).to.deep.equal([])
    expect(await endService(service)).to.equal(0)
  })

  it('and is told to stop stores its clicks when Postgres is up, and ends without a word of listening', async () => {
    const service = await start('sleep 1')
    await click(service.url)
    service.signal('SIGTERM')
    expect(await service.exited).to.equal(0)
    expect(service.lines.at(-1)).to.include('every click is stored')
    expect(service.lines.filter(line => /listening on/.test(line))).to.deep.equal([])
    expect(await findPostmaster(cluster())).to.equal(null)
  })

  it('and is killed while it is made has its clicks stored by the next start, which makes it again', async () => {
    const first = await start('sleep 1')
    await click(first.url)
    expect((await readdir(dataDir)).some(name => name.startsWith('postgres.new-'))).to.equal(true)
    first.signal('SIGKILL')
    await first.exited
    const second = await start('true')
    await click(second.url)
    expect(await total(second.url)).to.equal(2 * CLICKS)
    expect(await endService(second)).to.equal(0)
  })

  it('and fails to come up counts on, says why, and stores everything once that is mended', async () => {
    const mended = join(dataDir, 'mended')
    const service = await start(`test -e ${mended}`)
    await click(service.url)
    await until(async () =>
      (await health(service.url)).reasons.some(({ reason }) => reason === 'embedded_postgres_down'),
    )
    await service.line(/"condition":"embedded_postgres_down".*initdb failed/)
    await service.line(/listening on/)
    await writeFile(mended, '')
    await until(async () => (await health(service.url)).reason === null)
    expect(await total(service.url)).to.equal(CLICKS)
    expect(await endService(service)).to.equal(0)
  })

  it('and was made by another version accepts no click and makes no journal', async () => {
    await mkdir(cluster())
    await writeFile(join(cluster(), 'PG_VERSION'), '12\n')
    await writeFile(
      join(dataDir, 'postgres.url'),
      'postgresql://clickcounter:secret@localhost/clickcounter\n',
    )
    const service = spawnService({ SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', DATA_DIR: dataDir })
    expect(await service.exited).to.equal(1)
    expect(service.lines.at(-1)).to.match(/^clickcounter cannot start: .*was made by PostgreSQL 12/)
    expect(service.lines.some(line => line.includes('clicks are accepted'))).to.equal(false)
    expect(await readdir(dataDir)).not.to.include('journal')
  })
})

async function health(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health
}

async function total(url: string): Promise<number> {
  const answer = await fetch(`${url}/stats/1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"from":"2020-01-01","to":"2029-01-01"}',
  })
  expect(answer.status).to.equal(200)
  return ((await answer.json()) as { total: number }).total
}
