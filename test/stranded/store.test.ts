import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { batchName, markName, ticksName } from '../../lib/journal/files/names.ts'
import { RecordBuffer } from '../../lib/journal/files/record-buffer.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { keyedBulkOf } from '../../lib/rows/keyed-bulk.ts'
import { makeJournal } from '../faults/made-journal.ts'
import { encode, KEY, OTHER_WRITER, WRITER, writerName } from '../journal/journal-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { health } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { runJournal } from './stranded-support.ts'

const MADE = { bytes: 60_000, generations: 6, generationsPerMinute: 3, banners: 50 }
const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

describe('npm run journal -- store', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let directory: string
  let dataDir: string
  let journal: string
  beforeEach(async () => {
    database = await createTestDatabase()
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-stranded-'))
    dataDir = join(directory, 'data')
    journal = join(dataDir, 'journal')
  })
  afterEach(async () => {
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  const store = (path: string, settings: Settings = {}) =>
    runJournal(['store', path], { DATABASE_URL: database.url, ...settings })
  const waiting = async () => (await readdir(journal)).filter(name => /\.(ticks|batch)/.test(name))
  const ledger = (writer: string) =>
    database.query<{ generation: number; clicks: number; ended: boolean }>(
      `SELECT generation::int, clicks::int, ended_at IS NOT NULL AS ended FROM click_ledger WHERE writer = $1`,
      [writer],
    )

  /** A writer's files of one generation each, with a click of banner 1 in that minute. */
  async function leave(
    writer: string,
    minute: number,
    generations: readonly number[],
    mark = writerName(writer),
  ) {
    await mkdir(journal, { recursive: true })
    await writeFile(join(journal, mark), '')
    for (const generation of generations) {
      const key = { writer, firstGeneration: generation, lastGeneration: generation, thread: 0 }
      await writeFile(join(journal, ticksName(key, 0)), encode(key, [[minute, new Map([[1, 1]])]]))
    }
  }

  it('stores what an instance has left under its own key, and leaves nothing that waits', async () => {
    const { writer, clicks } = makeJournal(dataDir, MADE)
    const first = await store(dataDir)
    expect(first, first.stderr).to.include({ status: 0 })
    expect(first.stdout)
      .to.match(new RegExp(`^Storing what waits in ${journal}: 6 files.\n`))
      .and.to.include(`Everything that waited in ${dataDir} is stored.\n6 files of stored clicks stay in `)
    expect(first.stderr).to.include(`recovered ${clicks} clicks that an earlier process had accepted`)
    expect(await database.totalClicks()).to.equal(clicks)
    expect(await ledger(writer)).to.deep.equal([{ generation: 6, clicks, ended: true }])
    expect(await waiting()).to.deep.equal([])
    // The journal itself will do as well. What was kept for long enough goes, and the writers' marks with it.
    const second = await store(journal, { JOURNAL_KEEP_SECONDS: '0' })
    expect(second).to.include({ status: 0 })
    expect(second.stdout).to.match(
      new RegExp(`: 0 files.\nEverything that waited in ${dataDir} is stored.\n$`),
    )
    expect(await readdir(journal, { recursive: true })).to.have.members(['damaged', 'stored'])
    expect(await database.totalClicks()).to.equal(clicks)
  })

  it('stores again what a database has lost that went back meanwhile', async () => {
    const { writer, clicks } = makeJournal(dataDir, MADE)
    expect(await store(dataDir)).to.include({ status: 0 })
    await database.query('DELETE FROM click_minutes')
    await database.query('UPDATE click_ledger SET generation = 0, clicks = 0, bots = 0, duplicates = 0')
    expect(await store(dataDir)).to.include({ status: 0 })
    expect(await database.totalClicks()).to.equal(clicks)
    expect(await ledger(writer)).to.deep.equal([{ generation: 6, clicks, ended: true }])
  })

  it('counts copies once that are stored at the same time, and one that is stored later', async () => {
    const { clicks } = makeJournal(dataDir, MADE)
    const copies = ['b', 'c', 'd'].map(name => join(directory, name))
    for (const copy of copies) await cp(dataDir, copy, { recursive: true })
    const runs = await Promise.all([dataDir, copies[0]!, copies[1]!].map(path => store(path)))
    for (const run of [...runs, await store(copies[2]!)]) expect(run, run.stderr).to.include({ status: 0 })
    expect(await database.totalClicks()).to.equal(clicks)
  })

  it('counts a copy once that is stored while the service runs again, and nothing twice after a restore', async () => {
    const start = () =>
      startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir, CLICK_FLUSHER_INTERVAL: '60' })
    const killed = await start()
    await click(killed, 200)
    killed.signal('SIGKILL')
    await killed.exited
    const [copy, restored] = [join(directory, 'copy'), join(directory, 'restored')]
    for (const path of [copy, restored]) await cp(dataDir, path, { recursive: true })
    const [again, run] = await Promise.all([start(), store(copy)])
    expect(run, run.stderr).to.include({ status: 0 })
    await click(again, 100)
    expect(await stopService(again), again.lines.join('\n')).to.equal(0)
    expect(await store(restored)).to.include({ status: 0 })
    expect(await database.totalClicks()).to.equal(300)
    expect(await database.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })

  it('leaves clicks that are older than the memory of the ledger, says so, and stores them once they are adopted', async () => {
    const minuteNow = Math.floor(Date.now() / MINUTE_MS)
    await leave(WRITER, minuteNow - 91 * DAY_MINUTES, [1, 2])
    await leave(OTHER_WRITER, minuteNow - 89 * DAY_MINUTES, [1])
    const { status, stdout, stderr } = await store(dataDir)
    expect(status).to.equal(2)
    expect(stderr).to.include(`Clicks of writer ${WRITER} are older than 90 days, and may have been stored`)
    for (const name of await waiting()) expect(stdout).to.include(`  ${join(journal, name)}\n`)
    expect(stdout).to.include(`With CLICKCOUNTER_DATA_DIR=${dataDir}: `)
    expect(await database.totalClicks()).to.equal(1)
    expect(await runJournal(['adopt', WRITER], { DATA_DIR: dataDir })).to.include({ status: 0 })
    expect(await store(dataDir)).to.include({ status: 0 })
    expect(await database.totalClicks()).to.equal(3)
  })

  it('leaves what is for another database, and stores the rest', async () => {
    const other = '11111111-2222-4333-8444-555555555555'
    const minute = Math.floor(Date.now() / MINUTE_MS)
    await leave(WRITER, minute, [1], markName({ writer: WRITER, database: other, isAdopted: false }))
    await leave(OTHER_WRITER, minute, [1])
    const { status, stdout, stderr } = await store(dataDir)
    expect(status).to.equal(2)
    expect(stderr).to.include(`of writer ${WRITER} for database ${other}`)
    const [left, ...more] = await waiting()
    expect(stdout).to.include(`  ${join(journal, left!)}\n`)
    expect(more).to.deep.equal([])
    expect(await database.totalClicks()).to.equal(1)
  })

  it("leaves a newer version's files, names them, and stores what is before them", async () => {
    await leave(WRITER, Math.floor(Date.now() / MINUTE_MS), [1, 3])
    const newer = `${WRITER}.2.0-0.ticks3`
    await writeFile(join(journal, newer), 'clicks perhaps')
    const { status, stdout, stderr } = await store(dataDir)
    expect(status).to.equal(2)
    expect(stderr).to.include(`A newer version of this program has written \\"${newer}\\"`)
    expect(stdout).to.include(`  ${join(journal, newer)}\n`)
    expect(await waiting()).to.deep.equal([newer, `${WRITER}.3.0-0.ticks2`])
    expect(await database.totalClicks()).to.equal(1)
  })

  it('leaves what was put aside, and says that what is damaged may lack something', async () => {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    await leave(WRITER, minute, [7])
    await mkdir(join(journal, 'aside'))
    const aside = join(journal, 'aside', batchName({ ...KEY, firstGeneration: 3, lastGeneration: 4 }))
    await writeFile(
      aside,
      encode({ ...KEY, firstGeneration: 3, lastGeneration: 4 }, [[minute, new Map([[1, 5]])]]),
    )
    const damaged = ticksName({ ...KEY, thread: 0 }, 0)
    await writeFile(join(journal, damaged), Buffer.alloc(100, 1))
    const { status, stdout } = await store(dataDir)
    expect(status).to.equal(2)
    expect(stdout)
      .to.include(`  ${aside}: its place in the ledger was taken, by a clone\n`)
      .and.to.include(`  ${join(journal, 'damaged', damaged)}: damaged; what could be read of it is stored\n`)
    expect(await database.totalClicks()).to.equal(0)
  })

  it('counts a keyed bulk once that two instances have taken, and puts one aside whose key was used for another', async () => {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    const places = ['a', 'b', 'c'].map(name => join(directory, name))
    await leaveBulk(places[0]!, WRITER, minute, 5)
    await leaveBulk(places[1]!, OTHER_WRITER, minute, 5)
    await leaveBulk(places[2]!, '11111111-0000-4000-8000-00000000000f', minute, 6)
    for (const place of places.slice(0, 2)) expect(await store(place)).to.include({ status: 0 })
    expect(await database.totalClicks()).to.equal(5)
    const { status, stdout } = await store(places[2]!)
    expect(status).to.equal(2)
    expect(stdout).to.match(/\/c\/journal\/aside\/bulks\/.*: bulks whose keys are in question\n/)
    expect(await database.totalClicks()).to.equal(5)
  })

  describe('refuses, and changes nothing,', () => {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    async function refused(path: string, settings: Settings, says: RegExp): Promise<void> {
      const before = await readdir(dataDir, { recursive: true })
      const { status, stdout, stderr } = await store(path, settings)
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
      expect(stderr).to.match(says)
      expect((await readdir(dataDir, { recursive: true })).filter(name => name !== 'lock')).to.have.members(
        before.filter(name => name !== 'lock'),
      )
    }

    it('a directory whose service runs', async () => {
      const service = await startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir })
      // It writes into its mark which database it has met.
      await until(async () => (await readdir(journal)).some(name => name.split('.').length === 3))
      await refused(
        dataDir,
        {},
        /^journal: a clickcounter uses .*, and stores what waits there itself: stop it first\n$/,
      )
      expect((await health(service)).status).to.equal('ok')
      expect(await stopService(service)).to.equal(0)
    })

    it('a directory without a journal, or that is not there', async () => {
      await leave(WRITER, minute, [1])
      await rename(journal, join(dataDir, 'other'))
      for (const path of [dataDir, join(dataDir, 'other'), join(dataDir, 'nowhere')])
        await refused(
          path,
          {},
          /^journal: there is no journal in .*: name the data directory of an instance, or /,
        )
    })

    it('a database without tables, one of an older version, and one that does not answer', async () => {
      await leave(WRITER, minute, [1])
      const empty = await createTestDatabase({ isMigrated: false })
      try {
        await refused(
          dataDir,
          { DATABASE_URL: empty.url },
          /^journal: the database has no tables of this program/,
        )
      } finally {
        await empty.drop()
      }
      await refused(dataDir, { DATABASE_URL: empty.url }, /^journal: .*does not exist/)
      await database.query(
        'DELETE FROM click_migrations WHERE version = (SELECT max(version) FROM click_migrations)',
      )
      await refused(
        dataDir,
        {},
        /^journal: the database has schema version \d+, this program stores into \d+: /,
      )
    })

    it('its own directory with the embedded Postgres in it', async () => {
      await leave(WRITER, minute, [1])
      await refused(dataDir, { DATABASE_URL: '', DATA_DIR: dataDir }, /npm start stores what waits there\n$/)
    })

    it('to guess a directory', async () => {
      await leave(WRITER, minute, [1])
      const { status, stderr } = await runJournal(['store'], { DATABASE_URL: database.url })
      expect(status).to.equal(1)
      expect(stderr).to.match(/^journal: name the one DIR whose clicks are to be stored\n\nUsage: /)
    })
  })
})

/** A writer's only file: a bulk of so many clicks of banner 1. The key is the same each time. */
async function leaveBulk(dataDir: string, writer: string, minute: number, clicks: number): Promise<void> {
  const key = { writer, firstGeneration: 1, lastGeneration: 1, thread: 0 }
  const records = new RecordBuffer()
  records.addFileHeader(key)
  records.addKeyed(
    keyedBulkOf({
      key: 'order-1',
      fingerprint: String(clicks).padStart(32, '0'),
      minute,
      parts: [{ clickClass: VALID, pairs: Int32Array.of(1, clicks), clicks }],
    }),
  )
  await mkdir(join(dataDir, 'journal'), { recursive: true })
  await writeFile(join(dataDir, 'journal', writerName(writer)), '')
  await writeFile(join(dataDir, 'journal', ticksName(key, 0)), records.filled)
}

async function click({ url }: ServiceProcess, times: number): Promise<void> {
  for (let time = 0; time < times; time++) expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
}
