import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { chooseFreePort } from '../support/free-port.ts'
import type { Health } from '../support/health.ts'
import { scrape } from '../support/metrics.ts'
import { spawnService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'

describe('a log that fails', () => {
  let database: TestDatabase
  let directory: string
  let settings: Settings
  let url: string
  beforeEach(async () => {
    database = await createTestDatabase()
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-log-'))
    const port = String(await chooseFreePort())
    url = `http://127.0.0.1:${port}`
    settings = {
      SERVER_HOST: '127.0.0.1',
      SERVER_PORT: port,
      SERVER_THREADS: '1',
      DATABASE_URL: database.url,
      DATA_DIR: join(directory, 'data'),
    }
  })
  afterEach(async () => {
    await database.drop()
    await rm(directory, { recursive: true })
  })

  it('for want of room keeps nobody from counting; /health and /metrics tell of it', async () => {
    const full = openSync('/dev/full', 'w')
    const service = spawnService(settings, [], { output: [full, full] })
    closeSync(full)
    await untilReason('log_failing')
    expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
    // The lines of the start come one after the other, and are counted once a second.
    await until(async () => (await scrape(url)).get('clickcounter_log_lines_dropped_total')! > 3)
    service.signal('SIGTERM')
    expect(await service.exited).to.equal(0)
    expect(await database.totalClicks()).to.equal(1)
  })

  it('because nobody reads on holds up nobody, and tells what is missing when somebody does', async () => {
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
    fill(reader)
    const writer = openSync(pipe, 'w')
    const service = spawnService(settings, [], { output: [writer, writer] })
    closeSync(writer)
    await untilReason('log_failing')
    expect((await fetch(`${url}/counter/1`)).status).to.equal(204)

    readAll(reader)
    await untilReason(null)
    expect(readAll(reader)).to.match(/"msg":"\d+ lines of the log could not be written"/)
    service.signal('SIGTERM')
    expect(await service.exited).to.equal(0)
    expect(readAll(reader)).to.include('every click is stored')
    closeSync(reader)
  })

  it('with its terminal does not cut short the stop that the end of a terminal means', async () => {
    const service = spawnService(settings)
    await service.line(/listening on/)
    service.child.stdout!.destroy()
    service.child.stderr!.destroy()
    expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
    service.signal('SIGHUP')
    expect(await service.exited).to.equal(0)
    expect(await database.totalClicks()).to.equal(1)
  })

  async function untilReason(reason: string | null): Promise<void> {
    await until(async () => {
      const answer = await fetch(`${url}/health`).catch(() => null)
      return answer !== null && ((await answer.json()) as Health).reason === reason
    })
  }
})

function fill(fd: number): void {
  for (const bytes of [4096, 1])
    try {
      for (;;) writeSync(fd, Buffer.alloc(bytes))
    } catch (error) {
      expect(error).to.have.property('code', 'EAGAIN')
    }
}

function readAll(fd: number): string {
  const chunk = Buffer.alloc(65_536)
  let text = ''
  try {
    for (;;) text += chunk.toString('utf8', 0, readSync(fd, chunk))
  } catch (error) {
    expect(error).to.have.property('code', 'EAGAIN')
  }
  return text
}
