import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { batchName, markName, ticksName } from '../../lib/journal/files/names.ts'
import { RecordBuffer } from '../../lib/journal/files/record-buffer.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { keyedBulkOf } from '../../lib/rows/keyed-bulk.ts'
import { makeJournal } from '../faults/made-journal.ts'
import { encode, KEY, OTHER_WRITER, WRITER, writerName } from '../journal/journal-support.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import { runJournal, StrandedPlace } from './stranded-support.ts'

const MADE = { bytes: 60_000, generations: 6, generationsPerMinute: 3, banners: 50 }
const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

describe('npm run journal -- store', function () {
  this.timeout(60_000)
  const at = new StrandedPlace().useInEachTest()
  const waiting = async () => (await readdir(at.journal)).filter(name => /\.(ticks|batch)/.test(name))
  const ledger = (writer: string) =>
    at.database.query<{ generation: number; clicks: number; ended: boolean }>(
      `SELECT generation::int, clicks::int, ended_at IS NOT NULL AS ended FROM click_ledger WHERE writer = $1`,
      [writer],
    )

  it('stores what an instance has left under its own key, and leaves nothing that waits', async () => {
    const { writer, clicks } = makeJournal(at.dataDir, MADE)
    const first = await at.store(at.dataDir)
    expect(first, first.stderr).to.include({ status: 0 })
    expect(first.stdout)
      .to.match(new RegExp(`^Storing what waits in ${at.journal}: 6 files.\n`))
      .and.to.include(`Everything that waited in ${at.dataDir} is stored.\n6 files of stored clicks stay in `)
    expect(first.stderr).to.include(`recovered ${clicks} clicks that an earlier process had accepted`)
    expect(await at.database.totalClicks()).to.equal(clicks)
    expect(await ledger(writer)).to.deep.equal([{ generation: 6, clicks, ended: true }])
    expect(await waiting()).to.deep.equal([])
    // The journal itself will do as well. What was kept for long enough goes, and the writers' marks with it.
    const second = await at.store(at.journal, { JOURNAL_KEEP_SECONDS: '0' })
    expect(second).to.include({ status: 0 })
    expect(second.stdout).to.match(
      new RegExp(`: 0 files.\nEverything that waited in ${at.dataDir} is stored.\n$`),
    )
    expect(await readdir(at.journal, { recursive: true })).to.have.members(['damaged', 'stored'])
    expect(await at.database.totalClicks()).to.equal(clicks)
  })

  it('stores again what a database has lost that went back meanwhile', async () => {
    const { writer, clicks } = makeJournal(at.dataDir, MADE)
    expect(await at.store(at.dataDir)).to.include({ status: 0 })
    await at.database.query('DELETE FROM click_minutes')
    await at.database.query('UPDATE click_ledger SET generation = 0, clicks = 0, bots = 0, duplicates = 0')
    expect(await at.store(at.dataDir)).to.include({ status: 0 })
    expect(await at.database.totalClicks()).to.equal(clicks)
    expect(await ledger(writer)).to.deep.equal([{ generation: 6, clicks, ended: true }])
  })

  it('counts copies once that are stored at the same time, and one that is stored later', async () => {
    const { clicks } = makeJournal(at.dataDir, MADE)
    const copies = ['b', 'c', 'd'].map(name => join(at.directory, name))
    for (const copy of copies) await cp(at.dataDir, copy, { recursive: true })
    const runs = await Promise.all([at.dataDir, copies[0]!, copies[1]!].map(path => at.store(path)))
    for (const run of [...runs, await at.store(copies[2]!)]) expect(run, run.stderr).to.include({ status: 0 })
    expect(await at.database.totalClicks()).to.equal(clicks)
  })

  it('counts a copy once that is stored while the service runs again, and nothing twice after a restore', async () => {
    const start = () =>
      startServiceProcess({
        DATABASE_URL: at.database.url,
        DATA_DIR: at.dataDir,
        CLICK_FLUSHER_INTERVAL: '60',
      })
    const killed = await start()
    await click(killed, 200)
    killed.signal('SIGKILL')
    await killed.exited
    // It was seen a moment ago: the command would wait until it is lost.
    await at.database.query("UPDATE click_instances SET seen_at = seen_at - interval '1 minute'")
    const [copy, restored] = [join(at.directory, 'copy'), join(at.directory, 'restored')]
    for (const path of [copy, restored]) await cp(at.dataDir, path, { recursive: true })
    const [again, run] = await Promise.all([start(), at.store(copy)])
    expect(run, run.stderr).to.include({ status: 0 })
    await click(again, 100)
    expect(await stopService(again), again.lines.join('\n')).to.equal(0)
    expect(await at.store(restored)).to.include({ status: 0 })
    expect(await at.database.totalClicks()).to.equal(300)
    expect(await at.database.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
    // Of the one that was killed, and of the one that was stopped in order.
    expect(await at.database.query('SELECT state FROM click_instances')).to.deep.equal([
      { state: 'stopped' },
      { state: 'stopped' },
    ])
  })

  it('leaves clicks that are older than the memory of the ledger, says so, and stores them once they are adopted', async () => {
    const minuteNow = Math.floor(Date.now() / MINUTE_MS)
    await at.leave(WRITER, minuteNow - 91 * DAY_MINUTES, [1, 2])
    await at.leave(OTHER_WRITER, minuteNow - 89 * DAY_MINUTES, [1])
    const { status, stdout, stderr } = await at.store(at.dataDir)
    expect(status).to.equal(2)
    expect(stderr).to.include(`Clicks of writer ${WRITER} are older than 90 days, and may have been stored`)
    for (const name of await waiting()) expect(stdout).to.include(`  ${join(at.journal, name)}\n`)
    expect(stdout).to.include(`With CLICKCOUNTER_DATA_DIR=${at.dataDir}: `)
    expect(await at.database.totalClicks()).to.equal(1)
    expect(await runJournal(['adopt', WRITER], { DATA_DIR: at.dataDir })).to.include({ status: 0 })
    expect(await at.store(at.dataDir)).to.include({ status: 0 })
    expect(await at.database.totalClicks()).to.equal(3)
  })

  it('leaves what is for another database, and stores the rest', async () => {
    const other = '11111111-2222-4333-8444-555555555555'
    const minute = Math.floor(Date.now() / MINUTE_MS)
    await at.leave(WRITER, minute, [1], markName({ writer: WRITER, database: other, isAdopted: false }))
    await at.leave(OTHER_WRITER, minute, [1])
    const { status, stdout, stderr } = await at.store(at.dataDir)
    expect(status).to.equal(2)
    expect(stderr).to.include(`of writer ${WRITER} for database ${other}`)
    const [left, ...more] = await waiting()
    expect(stdout).to.include(`  ${join(at.journal, left!)}\n`)
    expect(more).to.deep.equal([])
    expect(await at.database.totalClicks()).to.equal(1)
  })

  it("leaves a newer version's files, names them, and stores what is before them", async () => {
    await at.leave(WRITER, Math.floor(Date.now() / MINUTE_MS), [1, 3])
    const newer = `${WRITER}.2.0-0.ticks3`
    await writeFile(join(at.journal, newer), 'clicks perhaps')
    const { status, stdout, stderr } = await at.store(at.dataDir)
    expect(status).to.equal(2)
    expect(stderr).to.include(`A newer version of this program has written \\"${newer}\\"`)
    expect(stdout).to.include(`  ${join(at.journal, newer)}\n`)
    expect(await waiting()).to.deep.equal([newer, `${WRITER}.3.0-0.ticks2`])
    expect(await at.database.totalClicks()).to.equal(1)
  })

  it('leaves what was put aside, and says that what is damaged may lack something', async () => {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    await at.leave(WRITER, minute, [7])
    await mkdir(join(at.journal, 'aside'))
    const aside = join(at.journal, 'aside', batchName({ ...KEY, firstGeneration: 3, lastGeneration: 4 }))
    await writeFile(
      aside,
      encode({ ...KEY, firstGeneration: 3, lastGeneration: 4 }, [[minute, new Map([[1, 5]])]]),
    )
    const damaged = ticksName({ ...KEY, thread: 0 }, 0)
    await writeFile(join(at.journal, damaged), Buffer.alloc(100, 1))
    const { status, stdout } = await at.store(at.dataDir)
    expect(status).to.equal(2)
    expect(stdout)
      .to.include(`  ${aside}: its place in the ledger was taken, by a clone\n`)
      .and.to.include(
        `  ${join(at.journal, 'damaged', damaged)}: damaged; what could be read of it is stored\n`,
      )
    expect(await at.database.totalClicks()).to.equal(0)
  })

  it('counts a keyed bulk once that two instances have taken, and puts one aside whose key was used for another', async () => {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    const places = ['a', 'b', 'c'].map(name => join(at.directory, name))
    await leaveBulk(places[0]!, WRITER, minute, 5)
    await leaveBulk(places[1]!, OTHER_WRITER, minute, 5)
    await leaveBulk(places[2]!, '11111111-0000-4000-8000-00000000000f', minute, 6)
    for (const place of places.slice(0, 2)) expect(await at.store(place)).to.include({ status: 0 })
    expect(await at.database.totalClicks()).to.equal(5)
    const { status, stdout } = await at.store(places[2]!)
    expect(status).to.equal(2)
    expect(stdout).to.match(/\/c\/journal\/aside\/bulks\/.*: bulks whose keys are in question\n/)
    expect(await at.database.totalClicks()).to.equal(5)
  })
})

/** A writer's only file: a bulk of so many clicks of banner 1. The key is the same each time. */
async function leaveBulk(path: string, writer: string, minute: number, clicks: number): Promise<void> {
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
  await mkdir(join(path, 'journal'), { recursive: true })
  await writeFile(join(path, 'journal', writerName(writer)), '')
  await writeFile(join(path, 'journal', ticksName(key, 0)), records.filled)
}

async function click({ url }: ServiceProcess, times: number): Promise<void> {
  for (let time = 0; time < times; time++) expect((await fetch(`${url}/counter/1`)).status).to.equal(204)
}
