import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { spawnService, startServiceProcess } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'

const NOWHERE = 'postgresql://nobody@127.0.0.1:1/nothing'
const CLICKS = 7
/** A limit on the size of files: no file takes a byte, as on a full disk. The kernel says "file too large". */
const FULL = { ulimit: '-f 0' }

describe('a disk that is full at the start', () => {
  let database: TestDatabase
  let dataDir: string
  let settings: Settings
  beforeEach(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-full-'))
    settings = { DATA_DIR: dataDir, SERVER_THREADS: '1', CLICK_FLUSHER_INTERVAL: '0.1' }
  })
  afterEach(async () => {
    await database.drop()
    await rm(dataDir, { recursive: true })
  })

  it('does not keep what waits from being stored, which makes room', async () => {
    const first = await startServiceProcess({ ...settings, DATABASE_URL: NOWHERE })
    for (let click = 0; click < CLICKS; click++) await fetch(`${first.url}/counter/1`)
    first.signal('SIGKILL')
    await first.exited

    const second = await startServiceProcess({ ...settings, DATABASE_URL: database.url }, [], FULL)
    await until(async () => (await database.totalClicks()) === CLICKS)
    expect((await fetch(`${second.url}/counter/1`)).status).to.equal(503)
    second.signal('SIGTERM')
    expect(await second.exited, second.lines.join('\n')).to.equal(0)
    expect(await database.totalClicks()).to.equal(CLICKS)
    expect((await readdir(join(dataDir, 'journal'))).filter(name => name.endsWith('.ticks2'))).to.deep.equal(
      [],
    )
  })

  it('is told at once by an embedded Postgres that cannot be made on it', async () => {
    const service = spawnService({ ...settings, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' }, [], FULL)
    expect(await service.exited).to.equal(1)
    expect(service.lines.at(-1)).to.match(
      /^clickcounter cannot start: .*postgres\.url cannot be written .* free some space/,
    )
  })
})
