import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { SERVICE_LIMITS } from '../../../db/connection/transaction.ts'
import { STOP_FLUSHES } from '../../../db/history/locks.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { type CommandRun, callCommand, readCommand, startCommand } from './command-support.ts'

const COMMAND = 'import-command'
const DAYS = 'banner,day,clicks\n7,2024-12-11,5\n7,2024-12-12,6\n'

describe('npm run import', () => {
  let directory: string
  let database: TestDatabase
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-import-'))
  })
  beforeEach(async () => {
    database = await createTestDatabase({ isMigrated: false })
  })
  afterEach(() => database.drop())
  after(() => rm(directory, { recursive: true }))

  const settings = () => ({ DATABASE_URL: database.url })
  const run = (args: readonly string[], input = '') => callCommand(COMMAND, settings(), args, input)
  const write = async (name: string, text: string) => {
    await writeFile(join(directory, name), text)
    return join(directory, name)
  }
  const expectRefused = ({ status, stdout, stderr }: CommandRun, says: RegExp) => {
    expect(stderr).to.match(says)
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
  }
  const counts = async () =>
    (
      await database.query<object>(
        `SELECT (SELECT count(*)::int FROM click_imports) AS imports, (SELECT count(*)::int FROM click_imported) AS imported,
                (SELECT coalesce(sum(clicks), 0)::int FROM click_minutes) AS minutes,
                (SELECT coalesce(sum(clicks), 0)::int FROM click_quarters) AS quarters,
                (SELECT coalesce(sum(clicks), 0)::int FROM click_days) AS days`,
      )
    )[0]

  it('makes the tables, adds a file, and refuses it the second time', async () => {
    const path = await write('days.csv', DAYS)
    const { status, stdout, stderr } = await run([path])
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '' })
    expect(stderr)
      .to.match(/^\d+ click-history \(do\)$/m)
      .and.match(
        /^Imported 11 clicks in 2 lines, from the day of 2024-12-11T00:00:00Z to that of 2024-12-12T00:00:00Z\.$/m,
      )
    expect(await counts()).to.deep.equal({ imports: 1, imported: 2, minutes: 0, quarters: 0, days: 11 })
    expectRefused(
      await run(['-'], await readFile(path, 'utf8')),
      /^this file was imported before: as days\.csv, at \S+Z, with 11 clicks\. Nothing was changed\n$/,
    )
    const minutes = 'banner,minute,clicks\n7,2024-12-12T10:05,1\n'
    expect(await run(['-'], minutes)).to.deep.include({ status: 0 })
    expectRefused(await run(['-'], minutes), /as the standard input, at/)
    expect(await counts()).to.deep.equal({ imports: 2, imported: 2, minutes: 1, quarters: 1, days: 12 })
  })

  it('says what a file would be, and changes nothing', async () => {
    const path = await write('preview.csv', DAYS)
    expectRefused(await run(['--preview', path]), /A table is missing/)
    expect(await run([await write('first.csv', 'banner,day,clicks\n1,2024-01-01,1\n')])).to.include({
      status: 0,
    })
    const before = await counts()
    expect(await run([path, '--preview'])).to.deep.equal({
      status: 0,
      stdout: '',
      stderr:
        'It would be 11 clicks in 2 lines, from the day of 2024-12-11T00:00:00Z to that of 2024-12-12T00:00:00Z. Nothing was changed.\n',
    })
    expect(await counts()).to.deep.equal(before)
    expectRefused(await run([join(directory, 'first.csv'), '--preview']), /^this file was imported before/)
  })

  it('refuses what makes no sense, with a sentence that says what would', async () => {
    const path = await write('senseless.csv', DAYS)
    const today = new Date().toISOString().slice(0, 10)
    expect(await run(['-'], 'banner,day,clicks\n1,2024-01-01,1\n')).to.include({ status: 0 })
    const before = await counts()
    const senseless: readonly (readonly [readonly string[], RegExp, string?])[] = [
      [[], /^name one FILE\n\nUsage: npm run import -- FILE/],
      [[path, path], /^name one FILE\n/],
      [[path, '--format', 'csv'], /^Unknown option '--format'/],
      [[join(directory, 'none.csv')], /none\.csv cannot be read: ENOENT.*\n$/],
      [[directory], /cannot be read: EISDIR/],
      [['-'], /^line 1: a file begins with a line of three column names/],
      [
        ['-'],
        /^line 3: "x": clicks are a whole number/,
        'banner,day,clicks\n1,2024-01-01,1\n2,2024-01-01,x\n',
      ],
      [['-'], /^line 2: the day of .* is not over, or its minutes/, `banner,day,clicks\n1,${today},1\n`],
    ]
    for (const [args, says, input] of senseless) expectRefused(await run(args, input), says)
    expect(await counts()).to.deep.equal(before)
    expect((await run(['--help'])).stdout).to.match(/^Usage: npm run import -- FILE \[--preview\]\n/)
  })

  it('waits for those who sum up longer than a service waits for an answer', async () => {
    const path = await write('late.csv', DAYS)
    expect(await run(['-'], 'banner,day,clicks\n1,2024-01-01,1\n')).to.include({ status: 0 })
    const isWaiting = async () => (await database.waiting()).length > 0
    const ended = await withClient(database.server, async client => {
      await client.query(`BEGIN; ${STOP_FLUSHES}`)
      const ended = run([path])
      await until(isWaiting)
      await setTimeout(SERVICE_LIMITS.queryMs + 300)
      expect(await isWaiting()).to.equal(true)
      await client.query('COMMIT')
      return ended
    })
    expect(ended).to.include({ status: 0 })
    expect(await counts()).to.include({ imports: 2, days: 12 })
  }).timeout(30_000)

  it('killed at any moment of an import has changed nothing, and does it when it is run again', async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, index) => `${1 + (index % 50)},2024-12-12T${timeOf(index)}Z,1`,
    )
    const path = await write('large.csv', ['banner,minute,clicks', ...rows].join('\n'))
    expect(await run(['-'], 'banner,day,clicks\n1,2024-01-01,1\n')).to.include({ status: 0 })
    const before = await counts()
    const locks = () =>
      database.query(
        `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND mode = 'ShareLock' AND datname = current_database()
           AND application_name = 'clickcounter import'`,
      )
    for (let round = 0; round < 3; round++) {
      const child = startCommand(COMMAND, settings(), [path])
      const ended = readCommand(child)
      await until(async () => (await locks()).length > 0)
      await setTimeout(round * 60)
      child.kill('SIGKILL')
      expect(await ended).to.include({ status: null })
      await until(async () => (await locks()).length === 0)
      expect(await counts()).to.deep.equal(before)
    }
    expect(await run([path])).to.include({ status: 0 })
    expect(await counts()).to.include({ minutes: 60_000, quarters: 60_000, days: 60_001 })
  }).timeout(60_000)
})

/** Of the day, from its beginning. */
function timeOf(index: number): string {
  const minute = Math.floor(index / 50)
  const digits = (value: number) => String(value).padStart(2, '0')
  return `${digits(Math.floor(minute / 60))}:${digits(minute % 60)}`
}
