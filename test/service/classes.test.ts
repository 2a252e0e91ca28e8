import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Segment } from '../../lib/journal/append/segment.ts'
import { type ByClass, CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { callCommand } from '../db/commands/command-support.ts'
import { writerName } from '../journal/journal-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { untilAllStored } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import { BROWSER, CLASSES, CRAWLER, type Settings } from '../support/settings.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** Yesterday at noon: its quarters and its day are summed up, so its clicks come late. */
const NOON_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2
const [NOON, LATER] = [timeOf(NOON_MS), timeOf(NOON_MS + 30 * MINUTE_MS)]
const DAY = { from: timeOf(NOON_MS - DAY_MS / 2), to: timeOf(NOON_MS + DAY_MS / 2) }
/** What a killed process has left, by banner: of noon, and of half an hour later. */
const LEFT: ReadonlyMap<number, readonly [ByClass<number>, ByClass<number>]> = new Map([
  [
    1,
    [
      [10, 3, 2],
      [1, 0, 4],
    ],
  ],
  [
    2,
    [
      [20, 0, 0],
      [5, 7, 0],
    ],
  ],
  [
    3,
    [
      [0, 500, 0],
      [1, 0, 300],
    ],
  ],
])

describe('clicks of each class', function () {
  this.timeout(60_000)
  let databases: TestDatabase[]
  let settings: Settings
  beforeEach(async () => {
    databases = [await createTestDatabase(), await createTestDatabase()]
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-classes-'))
    settings = { ...CLASSES, DATABASE_URL: databases[0]!.url, DATA_DIR: dataDir, SERVER_THREADS: '2' }
  })
  afterEach(async () => {
    for (const database of databases) await database.drop()
    await rm(settings.DATA_DIR!, { recursive: true, force: true })
  })

  it('stay what they are: through a kill, the journal, the sums, every answer, a backup and a restore', async () => {
    leaveJournal(settings.DATA_DIR!)
    const first = await startServiceProcess(settings)
    await untilAllStored(first)
    for (const userAgent of [CRAWLER, BROWSER, BROWSER, CRAWLER, BROWSER]) await click(first, 4, userAgent)
    first.signal('SIGKILL')
    await first.exited
    const second = await startServiceProcess(settings)
    await untilAllStored(second)
    await expectAnswers(second)
    expect(await sumsOf(second, 4)).to.deep.equal({ total: 1, bots: 2, duplicates: 2 })
    expect(await stopService(second)).to.equal(0)
    await expectRestored()
  })

  async function expectRestored(): Promise<void> {
    const run = async (command: string, database: TestDatabase, ...args: string[]) => {
      const { status, stderr } = await callCommand(command, { DATABASE_URL: database.url }, args)
      expect(status, stderr).to.equal(0)
    }
    const [from, to] = databases as [TestDatabase, TestDatabase]
    const file = join(settings.DATA_DIR!, 'backup')
    await run('backup-command', from, file)
    await run('restore-command', to, file)
    for (const database of [from, to]) await run('rollups-command', database, 'verify')
    for (const table of ['click_minutes', 'click_quarters', 'click_days'])
      expect(await rowsIn(to, table), table).to.deep.equal(await rowsIn(from, table))
  }
})

/** Of yesterday: by minute, by hour and by day; of one and of many; in JSON and in CSV. */
async function expectAnswers(service: ServiceProcess): Promise<void> {
  const one = await ask(service, '/stats/1', DAY)
  expect(one).to.deep.include({ total: 11, bots: 3, duplicates: 6 })
  expect(one.stats).to.deep.equal([
    { ts: NOON, v: 10, bots: 3, duplicates: 2 },
    { ts: LATER, v: 1, duplicates: 4 },
  ])
  for (const [step, ts] of [
    ['hour', NOON],
    ['day', DAY.from],
  ])
    expect((await ask(service, '/stats/1', { ...DAY, step })).stats, step).to.deep.equal([
      { ts, v: 11, bots: 3, duplicates: 6 },
    ])
  const filled = await ask(service, '/stats/2', {
    ...DAY,
    from: NOON,
    to: LATER,
    step: 'quarter',
    fill: true,
  })
  expect(filled.stats.map(({ v }) => v)).to.deep.equal([20, 0])
  const { banners, compared, ...sums } = await ask(service, '/stats', { ...DAY, top: 2, compare: 'previous' })
  expect(sums).to.deep.include({ total: 37, bots: 510, duplicates: 306 })
  expect(banners.map(({ name: _, ...banner }) => banner)).to.deep.equal([
    { bannerId: 2, total: 25, bots: 7, duplicates: 0 },
    { bannerId: 1, total: 11, bots: 3, duplicates: 6 },
  ])
  expect(compared).to.deep.include({ total: 0, bots: 0, duplicates: 0 })
  const csv = await asked(service, '/stats', { ...DAY, ids: [1, 3], step: 'day' }, 'text/csv')
  expect((await csv.text()).split('\r\n')).to.deep.equal([
    'banner,ts,clicks,bots,duplicates',
    `1,${DAY.from},11,3,6`,
    `3,${DAY.from},1,500,300`,
    '',
  ])
}

async function rowsIn(database: TestDatabase, table: string): Promise<string[]> {
  const rows = await database.query<{ row: string }>(
    `SELECT history::text AS row FROM ${table} AS history ORDER BY 1`,
  )
  expect(rows).not.to.deep.equal([])
  return rows.map(({ row }) => row)
}

async function sumsOf(service: ServiceProcess, bannerId: number) {
  const range = { from: DAY.from, to: timeOf(NOON_MS + 3 * DAY_MS), step: 'all' }
  const { total, bots, duplicates } = await ask(service, `/stats/${bannerId}`, range)
  return { total, bots, duplicates }
}

interface Answer {
  readonly total: number
  readonly bots: number
  readonly duplicates: number
  readonly stats: readonly { readonly v: number }[]
  readonly banners: readonly { readonly name: string | null }[]
  readonly compared: object
}

async function ask(service: ServiceProcess, path: string, question: object): Promise<Answer> {
  const answer = await asked(service, path, question, 'application/json')
  expect(answer.status, await answer.clone().text()).to.equal(200)
  return (await answer.json()) as Answer
}

function asked({ url }: ServiceProcess, path: string, question: object, accept: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', accept }
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(question) })
}

async function click({ url }: ServiceProcess, bannerId: number, userAgent: string): Promise<void> {
  const { status } = await fetch(`${url}/counter/${bannerId}`, { headers: { 'user-agent': userAgent } })
  expect(status).to.equal(204)
}

/** The journal of a process that was killed: a file for each generation. */
function leaveJournal(dataDir: string): void {
  const directory = join(dataDir, 'journal')
  const writer = randomUUID()
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, writerName(writer)), '')
  const segment = new Segment({ directory, writer, sync: 'write', threadIndex: 0 })
  for (const [half, atMs] of [NOON_MS, NOON_MS + 30 * MINUTE_MS].entries()) {
    const clicks = new Sums()
    for (const [bannerId, halves] of LEFT)
      for (const clickClass of CLICK_CLASSES)
        if (halves[half]![clickClass] > 0)
          clicks.add(atMs / MINUTE_MS, bannerId, clickClass, halves[half]![clickClass])
    segment.append(1 + half, clicks)
  }
  segment.close()
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000', '')
}
