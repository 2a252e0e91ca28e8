import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { ticksName } from '../../lib/journal/files/names.ts'
import { encode, KEY, writerName } from '../journal/journal-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { health, untilHealth } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'

const COMMAND = fileURLToPath(new URL('../../lib/journal/tools/command.ts', import.meta.url))
const SECONDS_OF_A_TEST = '60'

describe('clicks that wait', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let other: TestDatabase
  let directory: string
  let dataDir: string
  beforeEach(async () => {
    ;[database, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-other-'))
    dataDir = join(directory, 'data')
  })
  afterEach(async () => {
    await Promise.all([database.drop(), other.drop()])
    await rm(directory, { recursive: true, force: true })
  })

  const start = (of: TestDatabase, settings: Settings = {}) =>
    startServiceProcess({ DATABASE_URL: of.url, DATA_DIR: dataDir, SERVER_THREADS: '1', ...settings })
  const adopt = (...writers: string[]) =>
    spawnSync(process.execPath, [COMMAND, 'adopt', ...writers], {
      env: { PATH: process.env.PATH, CLICKCOUNTER_DATA_DIR: dataDir },
      encoding: 'utf8',
    })

  /** A service that has met its database is killed before it has stored them. */
  async function leaveClicks(times: number): Promise<void> {
    const service = await start(database, { CLICK_FLUSHER_INTERVAL: SECONDS_OF_A_TEST })
    await untilHealth(service, report => report.database.status === 'up')
    await until(async () => (await marks()).every(name => name.split('.').length === 3))
    await click(service, times)
    service.signal('SIGKILL')
    await service.exited
  }

  async function marks(): Promise<string[]> {
    return (await readdir(join(dataDir, 'journal'))).filter(name => name.endsWith('.writer2'))
  }

  it('for one database are not stored in another one, and are once it is there again', async () => {
    await leaveClicks(50)
    const wrong = await start(other)
    await click(wrong, 3)
    await untilHealth(wrong, ({ reasons }) => reasons[0]?.reason === 'journal_for_other_database')
    const { status, reasons, clicks } = await health(wrong)
    expect({ status, reasons: reasons.length }).to.deep.equal({ status: 'degraded', reasons: 1 })
    expect(reasons[0]!.detail).to.match(
      /bytes in \d files? of writer [-0-9a-f]{36} for database [-0-9a-f]{36}/,
    )
    expect(clicks.accepted).to.equal(3)
    await endInOrder(wrong, 1)
    expect(await other.totalClicks()).to.equal(3)
    await endInOrder(await start(database))
    expect(await database.totalClicks()).to.equal(50)
    expect(await other.totalClicks()).to.equal(3)
  })

  it('are given to the present database by a command, and to no third one', async () => {
    await leaveClicks(50)
    expect(adopt()).to.include({ status: 0, stderr: '' })
    await endInOrder(await start(other))
    expect(await other.totalClicks()).to.equal(50)
    expect(adopt()).to.include({ status: 0, stdout: 'nothing waits\n' })
    await endInOrder(await start(database))
    expect(await database.totalClicks()).to.equal(0)
  })

  it('are not given away while the service runs, nor for a writer that is none or unknown', async () => {
    await leaveClicks(5)
    const before = await readdir(join(dataDir, 'journal'))
    const unknown = KEY.writer
    const known = before.find(name => name.endsWith('.writer2'))!.slice(0, 36)
    for (const [writers, says] of [
      [['../..'], /is not a writer's id/],
      [[unknown.toUpperCase()], /is not a writer's id/],
      [[unknown], new RegExp(`nothing of writer ${unknown} waits here; there is [-0-9a-f]{36}\n`)],
      [[known, unknown], /nothing of writer/],
    ] as const) {
      const { status, stderr } = adopt(...writers)
      expect(status).to.equal(1)
      expect(stderr).to.match(says)
      expect(await readdir(join(dataDir, 'journal'))).to.deep.equal(before)
    }
    const service = await start(other)
    const { status, stderr } = adopt()
    expect(status).to.equal(1)
    expect(stderr).to.match(/in use by another clickcounter/)
    await endInOrder(service, 1)
    expect(await other.totalClicks()).to.equal(0)
  })

  it('of the running process wait, too, when its connections lead to another database, and go on', async () => {
    const service = await start(database, { CLICK_FLUSHER_INTERVAL: '0.05' })
    await click(service, 2)
    await until(async () => (await database.totalClicks()) === 2)
    const [own] = await database.query<{ id: string }>('SELECT id FROM click_database')
    await database.query('UPDATE click_database SET id = gen_random_uuid()')
    await click(service, 5)
    await untilHealth(service, ({ reasons }) => reasons[0]?.reason === 'other_database')
    expect((await health(service)).clicks).to.include({ accepted: 7, stored: 2, pending: 5 })
    const stats = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const asked = await fetch(`${service.url}/stats/1`, {
      ...stats,
      body: '{"from":"2020-01-01","to":"2029-01-01"}',
    })
    expect(asked.status).to.equal(503)
    expect(await database.totalClicks()).to.equal(2)
    await database.query('UPDATE click_database SET id = $1', [own!.id])
    await untilHealth(service, ({ clicks, reasons }) => clicks.stored === 7 && reasons.length === 0)
    await endInOrder(service)
    expect(await database.totalClicks()).to.equal(7)
  })

  it('in two copies of a data directory are counted once, whichever comes first', async () => {
    await leaveClicks(100)
    await cp(dataDir, join(directory, 'copy'), { recursive: true })
    for (const copy of [dataDir, join(directory, 'copy'), dataDir]) {
      const service = await start(database, { DATA_DIR: copy })
      await click(service, 5)
      await endInOrder(service)
    }
    expect(await database.totalClicks()).to.equal(115)
    expect(await database.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })

  it('whose place another process has taken are put aside, told, and stored by the command, once', async () => {
    const service = await start(database, { CLICK_FLUSHER_INTERVAL: '0.05' })
    await click(service, 2)
    await until(async () => (await database.totalClicks()) === 2)
    await database.query('UPDATE click_ledger SET generation = generation + 1')
    // All of them are in the generation whose place is taken.
    await fetch(`${service.url}/counter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"clicks":[{"id":1,"count":5}]}',
    })
    await untilHealth(service, ({ reasons }) => reasons[0]?.reason === 'writer_cloned')
    // Generations after that one go on.
    await click(service, 1)
    await untilHealth(service, ({ clicks }) => clicks.stored === 3)
    expect((await health(service)).clicks).to.include({
      accepted: 8,
      stored: 3,
      pending: 5,
      aside: 5,
      lost: 0,
    })
    service.signal('SIGTERM')
    expect(await service.exited).to.equal(1)
    const again = await start(database)
    await untilHealth(again, ({ reasons }) => reasons[0]?.reason === 'writer_cloned')
    await endInOrder(again, 1)
    expect(await database.totalClicks()).to.equal(3)
    const aside = join(dataDir, 'journal', 'aside')
    const copy = join(directory, 'aside')
    await cp(aside, copy, { recursive: true })
    expect(adopt()).to.include({ status: 0 })
    await endInOrder(await start(database))
    expect(await database.totalClicks()).to.equal(8)
    // As if the command had ended before it removed them.
    await cp(copy, aside, { recursive: true })
    expect(adopt()).to.include({ status: 0 })
    await endInOrder(await start(database))
    expect(await database.totalClicks()).to.equal(8)
  })

  it('and are older than the ledger remembers are stored when somebody has decided so', async () => {
    const service = await start(database)
    await endInOrder(service)
    const journal = join(dataDir, 'journal')
    const old = encode(KEY, [[Date.parse('2024-12-12T10:00Z') / 60_000, new Map([[1, 9]])]])
    await writeFile(join(journal, ticksName(KEY, 0)), old)
    await writeFile(join(journal, writerName(KEY.writer)), '')
    const asked = await start(database)
    await untilHealth(asked, ({ reasons }) => reasons[0]?.reason === 'journal_outdated')
    await endInOrder(asked, 1)
    expect(await database.totalClicks()).to.equal(0)
    expect(adopt(KEY.writer)).to.include({ status: 0 })
    await endInOrder(await start(database))
    expect(await database.totalClicks()).to.equal(9)
  })
})

async function click({ url }: ServiceProcess, times: number): Promise<void> {
  for (let time = 0; time < times; time++) expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
}

async function endInOrder(service: ServiceProcess, filesLeft = 0): Promise<void> {
  service.signal('SIGTERM')
  expect(await service.exited, service.lines.join('\n')).to.equal(filesLeft === 0 ? 0 : 1)
  if (filesLeft > 0)
    expect(service.lines.at(-1)).to.include(
      `no click of this process waits, but ${filesLeft} file in the journal. What is not stored is in ` +
        `${service.dataDir}/journal. What waits there, the next start stores; so does npm run journal -- store ${service.dataDir}.`,
    )
}
