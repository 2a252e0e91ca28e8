import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { migrate } from '../../db/schema/migrate.ts'
import { newestVersion } from '../../db/schema/versions.ts'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { adopt } from '../../lib/journal/tools/adopt.ts'
import { releasedJournal } from '../journal/released.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startServiceProcess, stopService } from '../support/process.ts'
import { rowsOf } from '../support/rows.ts'

/** The schema of 1.0.0. */
const RELEASED_SCHEMA = 2
const { path, names, sums } = releasedJournal('1.0.0')
const writers = new Set(names.filter(name => name.endsWith('.writer')).map(name => name.slice(0, -7)))
const [storedOnce] = [...writers].filter(writer => writer.startsWith('5e53'))

describe('tables and journal of 1.0.0', () => {
  let database: TestDatabase
  let dataDir: string
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - RELEASED_SCHEMA })
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-released-'))
    await mkdir(join(dataDir, 'journal', 'damaged'), { recursive: true })
    for (const name of names) await cp(join(path, name), join(dataDir, 'journal', name))
  })
  afterEach(async () => {
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('have every click once when the service has run on them, and has run again', async () => {
    await storeFirstGeneration(storedOnce!)
    // Those of which nothing was stored are taken for copies when the files have become old.
    adopt(dataDir, [...writers.difference(new Set([storedOnce!]))])
    for (const run of ['first', 'second']) {
      const service = await startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir })
      expect(await stopService(service), service.lines.join('\n')).to.equal(0)
      expect(await stored(), run).to.deep.equal(sums)
    }
    expect(await readdir(join(dataDir, 'journal', 'damaged'))).to.deep.equal(
      names.filter(name => /^7e78.*ticks$/.test(name)),
    )
  })

  /** As 1.0.0 would have stored it just before it was killed. */
  async function storeFirstGeneration(writer: string): Promise<void> {
    const files = names.filter(name => name.startsWith(`${writer}.1.`))
    for (const [bannerId, minute, clicks] of rowsOf(readFiles(path, files).rows))
      await database.query('INSERT INTO click_minutes VALUES ($1, to_timestamp($2), $3)', [
        bannerId,
        minute * 60,
        clicks,
      ])
    await database.query('INSERT INTO click_ledger VALUES ($1, 1, now())', [writer])
  }

  async function stored(): Promise<number[][]> {
    const rows = await database.query<{ banner: string; minute: string; clicks: string }>(
      `SELECT banner_id AS banner, extract(epoch FROM minute)::bigint / 60 AS minute, clicks
       FROM click_minutes ORDER BY 1, 2`,
    )
    return rows.map(({ banner, minute, clicks }) => [banner, minute, clicks].map(Number))
  }
})
