import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { clusterPaths } from '../../../db/embedded/cluster.ts'
import { findPostmaster } from '../../../db/embedded/postmaster.ts'
import { createTestDatabase } from '../../support/database.ts'
import { endService, startServiceProcess } from '../../support/process.ts'
import { callCommand, runCommand } from './command-support.ts'

describe('backup and restore by hand', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-by-hand-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('work on the embedded Postgres, with the service and without it, and bring its clicks back', async function () {
    this.timeout(60_000)
    const dataDir = join(directory, 'data')
    const newDataDir = join(directory, 'new')
    const backUp = (file: string) =>
      runCommand('backup-command', { DATA_DIR: dataDir }, [join(directory, file)])
    const restore = (file: string, to: string, ...flags: string[]) =>
      runCommand('restore-command', { DATA_DIR: to }, [join(directory, file), ...flags])

    const service = await startServiceProcess({ DATA_DIR: dataDir })
    await count(service.url, 5)
    expect(await total(service.url)).to.equal(5)
    const running = await backUp('running')
    expect(running).to.include({ status: 0, stderr: '' })
    expect(running.stdout).to.match(/click_minutes 1 row, click_ledger 1 row/)
    await count(service.url, 3)
    const beside = await restore('running', dataDir, '--replace')
    expect(beside).to.include({ status: 1, stdout: '' })
    expect(beside.stderr).to.match(
      /A service is at work.*Stop it first[\s\S]*drops click_minutes with \d rows?\n[\s\S]*say --yes/,
    )
    expect(await total(service.url)).to.equal(8)
    service.signal('SIGTERM')
    expect(await service.exited).to.equal(0)

    expect(await backUp('stopped')).to.include({ status: 0 })
    const anew = await restore('stopped', newDataDir)
    expect(anew).to.include({ status: 0, stderr: '' })
    expect(anew.stdout).to.match(
      /^the tables are as they were at 20.*Z: click_minutes \d rows?, click_ledger/,
    )
    for (const used of [dataDir, newDataDir])
      expect(await findPostmaster(clusterPaths(used).cluster)).to.equal(null)
    const again = await startServiceProcess({ DATA_DIR: newDataDir })
    expect(await total(again.url)).to.equal(8)
    await endService(again)
  })

  it('drop what is there only with --replace, and without a terminal only with --yes', async () => {
    const database = await createTestDatabase()
    const run = (command: string, ...flags: string[]) =>
      callCommand(command, { DATABASE_URL: database.url }, [join(directory, 'file'), ...flags])
    await database.storeMinutes("VALUES (1, '2024-12-12T10:00Z', 7)")
    await database.query(
      `INSERT INTO access_keys (id, name, hash, scopes, created_at, created_by)
       VALUES (gen_random_uuid(), 'a shop', 'hash', '{read}', now(), 'shell')`,
    )
    expect(await run('backup-command')).to.include({ status: 0, stderr: '' })
    await database.query('UPDATE click_minutes SET clicks = 9')
    const unsaid = await run('restore-command', '--yes')
    expect(unsaid).to.include({ status: 1, stdout: '' })
    expect(unsaid.stderr).to.match(
      /the database has click_minutes with 1 row, .* and click_days with 1 row: say --replace/,
    )
    const unasked = await run('restore-command', '--replace')
    expect(unasked).to.include({ status: 1, stdout: '' })
    expect(unasked.stderr).to.match(
      /^drops click_minutes with 1 row\n.*\ndrops click_days with 1 row\nnothing was changed: say --yes/,
    )
    expect(await database.totalClicks()).to.equal(9)
    const restored = await run('restore-command', '--replace', '--yes')
    expect(restored).to.include({ status: 0 })
    expect(restored.stdout).to.match(
      /access_keys 1 row, banners 0 rows, .*\nIts keys are in force again.*npm run keys -- list/,
    )
    expect(await database.totalClicks()).to.equal(7)
    await database.drop()
  })

  it('refuse what makes no sense, and leave nothing behind', async () => {
    const dataDir = join(directory, 'data')
    const file = join(directory, 'file')
    for (const [command, args, says] of [
      ['backup-command', [file], /there is no database in .*data/],
      ['backup-command', [], /name one FILE\n\nUsage: npm run backup/],
      ['restore-command', [file], /file cannot be read/],
      ['restore-command', [file, file], /name one FILE\n\nUsage: npm run restore/],
    ] as const) {
      const { status, stderr } = await callCommand(command, { DATA_DIR: dataDir }, args)
      expect(status).to.equal(1)
      expect(stderr).to.match(says)
    }
    expect(await readdir(directory)).to.deep.equal([])
  })
})

async function count(url: string, clicks: number): Promise<void> {
  const response = await fetch(`${url}/counter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ clicks: [{ id: 1, count: clicks }] }),
  })
  expect(response.status).to.equal(202)
}

async function total(url: string): Promise<number> {
  const response = await fetch(`${url}/stats/1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: '2020-01-01', to: '2030-01-01' }),
  })
  return ((await response.json()) as { total: number }).total
}
