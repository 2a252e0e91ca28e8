import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { clusterPaths } from '../../../db/embedded/cluster.ts'
import { findPostmaster } from '../../../db/embedded/postmaster.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { type CommandRun, callCommand, readCommand, runCommand, startCommand } from './command-support.ts'

const COMMAND = 'banners-command'
const LINES = [
  '{"id":1,"name":"Autumn sale","target":"https://shop.example/autumn","campaign":"autumn","labels":["big","nl"]}',
  '{"id":2,"name":"Ärger","isActive":false}',
  '{"id":3,"name":"=winter","activeFrom":"2090-01-31T00:00:00Z"}',
  '{"id":4,"name":"spring","activeUntil":"2020-01-31T00:00:00Z"}',
]

describe('npm run banners', () => {
  let directory: string
  let database: TestDatabase
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-banners-'))
    database = await createTestDatabase({ isMigrated: false })
  })
  after(async () => {
    await database.drop()
    await rm(directory, { recursive: true })
  })

  const settings = () => ({ DATABASE_URL: database.url })
  const run = (...args: readonly string[]) => callCommand(COMMAND, settings(), args)
  const at = (name: string) => join(directory, name)
  const clear = () => database.query('TRUNCATE banners, banner_changes')
  const names = async () =>
    (await database.query<{ name: string }>('SELECT name FROM banners ORDER BY id')).map(({ name }) => name)
  const expectRefused = ({ status, stdout, stderr }: CommandRun, says: RegExp) => {
    expect(stderr).to.match(says)
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
  }

  it('imports a file, makes the tables for it, and lists what is there', async () => {
    expectRefused(await run('list'), /A table is missing/)
    await writeFile(at('a.ndjson'), LINES.join('\n'))
    const first = await run('import', at('a.ndjson'))
    expect(first).to.include({ status: 0, stdout: '' })
    expect(first.stderr)
      .to.match(/^\d+ banners \(do\)$/m)
      .and.match(/^4 banners: 4 new, 0 changed, 0 as they are already\.$/m)
    const { status, stdout, stderr } = await run('list')
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    expect(stdout.split('\n')).to.deep.equal([
      'ID  STATE                            CAMPAIGN  LABELS  NAME         TARGET',
      '1   active                           autumn    big,nl  Autumn sale  https://shop.example/autumn',
      '2   inactive                                           Ärger',
      '3   from 2090-01-31T00:00:00Z                          =winter',
      '4   over since 2020-01-31T00:00:00Z                    spring',
      '',
    ])
    expect((await run('list', '--q', 'ÄRGER')).stdout).to.match(/^ID.*\n2 .*\n$/)
    expect((await run('list', '--campaign', 'autumn', '--label', 'nl', '--active', 'true')).stdout).to.match(
      /^ID.*\n1 .*\n$/,
    )
    expect(await run('list', '--active', 'true', '--q', 'spring')).to.deep.equal({
      status: 0,
      stdout: '',
      stderr: 'There is no such banner.\n',
    })
  })

  it('exports in each form, to a file or to the standard output, and takes that again', async () => {
    for (const format of ['json', 'ndjson', 'csv']) {
      const file = at(`export.${format}`)
      const written = await run('export', file)
      expect(written).to.deep.equal({ status: 0, stdout: '', stderr: '' })
      const printed = await run('export', '--format', format)
      expect(printed).to.deep.equal({ status: 0, stdout: await readFile(file, 'utf8'), stderr: '' })
      const again = await callCommand(
        COMMAND,
        settings(),
        ['import', '-', '--format', format],
        printed.stdout,
      )
      expect(again.stderr).to.equal('4 banners: 0 new, 0 changed, 4 as they are already.\n')
      expectRefused(await run('export', file), /is there already: take another name\n$/)
    }
    const { stdout } = await run('export', '--format', 'csv', '--active', 'false', '--q', 'WIN')
    expect(stdout).to.equal(
      "id,name,target,campaign,labels,passQuery,isActive,activeFrom,activeUntil\r\n3,'=winter,,,,,true,2090-01-31T00:00:00Z,\r\n",
    )
    expectRefused(await run('export', at('no/such.csv')), /no\/such.csv cannot be written: ENOENT/)
  })

  it('shows what an import would change, and changes nothing', async () => {
    await writeFile(at('b.csv'), 'id,name,campaign\n1,Autumn sale,autumn\n5,new,\n2,Ärger,\n')
    const before = await run('export', '--format', 'json')
    const preview = await run('import', '--preview', at('b.csv'))
    expect(preview.stderr).to.equal(
      'It would be 1 new, 2 changed, 0 as they are already. Nothing was changed.\n',
    )
    expect(preview.stdout.split('\n')).to.deep.equal([
      'changed 1: {"target":"https://shop.example/autumn","labels":["big","nl"]} becomes {"target":null,"labels":[]}',
      'new 5: {"name":"new","target":null,"campaign":null,"labels":[],"passQuery":[],"isActive":true,"activeFrom":null,"activeUntil":null}',
      'changed 2: {"isActive":false} becomes {"isActive":true}',
      '',
    ])
    expect(await run('export', '--format', 'json')).to.deep.equal(before)
  })

  it('refuses what makes no sense, with a sentence that says what would, and changes nothing', async () => {
    await writeFile(at('c.csv'), 'id,name\n7,good\n8,\n')
    const senseless: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /^say import FILE, export or list\n\nUsage: npm run banners/],
      [['constructor'], /^say import FILE/],
      [['import'], /^name one FILE\n\nUsage/],
      [['import', at('c.csv'), at('c.csv')], /^name one FILE\n/],
      [['import', at('c.csv')], /^line 3: "name" is required\n$/],
      [['import', at('c.csv'), '--format', 'ndjson'], /^line 1: it is not JSON/],
      [['import', at('c.csv'), '--format', 'xml'], /^--format takes json, ndjson and csv, and not "xml"\n/],
      [['import', '-'], /^say --format json or ndjson or csv: no name tells it/],
      [['import', at('none.csv')], /none\.csv cannot be read: ENOENT.*\n$/],
      [['import', directory, '--format', 'csv'], /cannot be read: EISDIR/],
      [['export'], /^say --format/],
      [['export', at('d.csv'), 'e'], /^name one FILE, or none/],
      [['list', 'autumn'], /^list takes options alone: a text to look for follows --q/],
      [['list', '--active', 'yes'], /^--active takes true or false, and not "yes"/],
      [['list', '--limit', '7'], /^Unknown option '--limit'/],
    ]
    const before = await names()
    for (const [args, says] of senseless) expectRefused(await run(...args), says)
    expect(await names()).to.deep.equal(before)
    expect(existsSync(at('d.csv'))).to.equal(false)
  }).timeout(60_000)

  it('killed during an import has done all of it or nothing', async () => {
    const old = Array.from({ length: 20_000 }, (_, index) => ({ id: index + 1, name: 'old' }))
    await clear()
    await writeFile(at('old.json'), JSON.stringify(old))
    expect(await run('import', at('old.json'))).to.include({ status: 0 })
    await writeFile(at('new.json'), JSON.stringify(old.map(({ id }) => ({ id, name: 'new' }))))
    const state = () =>
      database.query(
        `SELECT (SELECT string_agg(DISTINCT name, ' ') FROM banners) AS names, (SELECT count(*)::int FROM banner_changes) AS changes,
                (SELECT max(revision) FROM banner_revisions) AS newest`,
      )
    const before = await state()
    const locks = () =>
      database.query(
        `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND datname = current_database() AND application_name = 'clickcounter banners'`,
      )
    for (let round = 0; round < 3; round++) {
      const child = startCommand(COMMAND, settings(), ['import', at('new.json')])
      const ended = readCommand(child)
      await until(async () => (await locks()).length > 0)
      await new Promise(resolve => setTimeout(resolve, round * 60))
      child.kill('SIGKILL')
      expect(await ended).to.include({ status: null })
      await until(async () => (await locks()).length === 0)
      expect(await state()).to.deep.equal(before)
    }
    expect(await run('import', at('new.json'))).to.include({ status: 0 })
    expect((await state())[0]).to.include({ names: 'new', changes: 40_000 })
  }).timeout(60_000)

  it('works on the embedded Postgres, and stops it when nobody reads what it prints', async () => {
    const dataDir = at('data')
    const inDirectory = (...args: readonly string[]) => runCommand(COMMAND, { DATA_DIR: dataDir }, args)
    expectRefused(await inDirectory('list'), /there is no database in .*data/)
    expectRefused(await inDirectory('import', '--preview', at('a.ndjson')), /there is no database in/)
    expect((await inDirectory('import', at('old.json'))).stderr).to.match(/^20000 banners: 20000 new/m)
    const listed = await inDirectory('list')
    expect(listed.stdout.split('\n')).to.have.lengthOf(1002)
    expect(listed.stderr).to.match(/^These are the first 1000: say more/)
    const unread = startCommand(COMMAND, { DATA_DIR: dataDir }, ['export', '--format', 'json'])
    unread.stdout.destroy()
    expect(await readCommand(unread)).to.deep.equal({
      status: 1,
      stdout: '',
      stderr: 'the standard output could not be written: write EPIPE\n',
    })
    expect(await findPostmaster(clusterPaths(dataDir).cluster)).to.equal(null)
  }).timeout(60_000)
})
