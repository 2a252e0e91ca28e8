import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { migrate } from '../../db/schema/migrate.ts'
import { newestVersion } from '../../db/schema/versions.ts'
import { OTHER_WRITER, WRITER } from '../journal/journal-support.ts'
import { batchNameVersion1, encodeVersion1, ticksNameVersion1 } from '../journal/version-1.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startServiceProcess } from '../support/process.ts'

/** The schema that the first release left. */
const RELEASED_VERSION = 2
const MINUTE = Math.floor(Date.now() / 60_000)

describe('what the first release has left', () => {
  let database: TestDatabase
  let dataDir: string
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - RELEASED_VERSION })
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-upgrade-'))
    await mkdir(join(dataDir, 'journal', 'damaged'), { recursive: true })
  })
  afterEach(async () => {
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('is stored once, in the first database that it meets: a killed writer’s rest, and all of one that never stored', async () => {
    await database.query(`INSERT INTO click_ledger VALUES ('${WRITER}', 5, now())`)
    await database.query(
      `INSERT INTO click_minutes VALUES (1, to_timestamp(${MINUTE * 60}), 2), (2, '2024-12-12Z', 3)`,
    )
    for (const [writer, first, last, clicks] of [
      [WRITER, 4, 4, 1],
      [WRITER, 5, 5, 1],
      [WRITER, 6, 6, 10],
      [WRITER, 7, 9, 100],
      [OTHER_WRITER, 1, 1, 1000],
    ] as const)
      await leave(writer, first, last, clicks)
    for (const writer of [WRITER, OTHER_WRITER]) await writeFile(journal(`${writer}.writer`), '')
    await endInOrder()
    expect(await clicks()).to.deep.equal(['1 1112 0 0', '2 3 0 0'])
    expect(await rows()).to.include.members([`${WRITER} 9 110 ended`, `${OTHER_WRITER} 1 1000 ended`])
    // All of it is kept now for a database that goes back, with the database that it is in.
    await database.query(`DELETE FROM click_ledger WHERE writer = '${OTHER_WRITER}'`)
    await database.query(`UPDATE click_minutes SET clicks = clicks - 1000 WHERE banner_id = 1`)
    await endInOrder()
    expect(await clicks()).to.deep.equal(['1 1112 0 0', '2 3 0 0'])
  })

  it('beside a new one that has summed up meanwhile is stored once, in the sums as well', async () => {
    const old = MINUTE - 3 * 60
    await database.query(`INSERT INTO click_ledger VALUES ('${WRITER}', 5, now())`)
    await database.query(`INSERT INTO click_minutes VALUES (1, to_timestamp(${old * 60}), 2)`)
    const beside = await startServiceProcess({
      DATABASE_URL: database.url,
      DATA_DIR: join(dataDir, 'of-the-new-one'),
    })
    await beside.line(/all clicks are summed up/)
    await leave(WRITER, 6, 6, 10, old)
    await leave(WRITER, 7, 9, 100, old)
    for (let times = 0; times < 2; times++) {
      await endInOrder()
      expect(await sums()).to.deep.equal({ minutes: 112, quarters: 112, days: 112 })
    }
    beside.signal('SIGTERM')
    expect(await beside.exited, beside.lines.join('\n')).to.equal(0)
  })

  it('is nothing but a mark and a row of a writer that was killed when all was stored', async () => {
    await database.query(`INSERT INTO click_ledger VALUES ('${WRITER}', 5, now())`)
    await writeFile(journal(`${WRITER}.writer`), '')
    await endInOrder()
    expect(await rows()).to.include(`${WRITER} 5 0 ended`)
    expect((await readdir(join(dataDir, 'journal'))).some(name => name.startsWith(WRITER))).to.equal(false)
  })

  const journal = (name: string) => join(dataDir, 'journal', name)

  async function leave(
    writer: string,
    first: number,
    last: number,
    clicks: number,
    minute = MINUTE,
  ): Promise<void> {
    const key = { writer, firstGeneration: first, lastGeneration: last, thread: 0 }
    const name = first === last ? ticksNameVersion1(key, 0) : batchNameVersion1(key)
    await writeFile(journal(name), encodeVersion1(key, [[minute, new Map([[1, clicks]])]]))
  }

  /** Banner, clicks, bots, duplicates. */
  async function clicks(): Promise<string[]> {
    const found = await database.query<{ row: string }>(
      `SELECT concat_ws(' ', banner_id, clicks, bots, duplicates) AS row FROM click_minutes ORDER BY banner_id`,
    )
    return found.map(({ row }) => row)
  }

  async function sums() {
    const [found] = await database.query(
      `SELECT (SELECT sum(clicks)::int FROM click_minutes) AS minutes, (SELECT sum(clicks)::int FROM click_quarters) AS quarters,
              (SELECT sum(clicks)::int FROM click_days) AS days`,
    )
    return found
  }

  async function rows(): Promise<string[]> {
    const found = await database.query<{ row: string }>(
      `SELECT concat_ws(' ', writer, generation, clicks, CASE WHEN ended_at IS NULL THEN 'alive' ELSE 'ended' END) AS row
       FROM click_ledger`,
    )
    return found.map(({ row }) => row)
  }

  async function endInOrder(): Promise<void> {
    const service = await startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir })
    service.signal('SIGTERM')
    expect(await service.exited, service.lines.join('\n')).to.equal(0)
  }
})
