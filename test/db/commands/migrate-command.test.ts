import { expect } from 'chai'
import { connect, discard } from '../../../db/connection/connect.ts'
import { lossesOfDown } from '../../../db/schema/losses.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { VERSION_TABLE } from '../../../db/schema/schema.ts'
import { tablesAt } from '../../../db/schema/tables.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type CommandRun, callCommand } from './command-support.ts'

/** The newest version without a count for each class. */
const BEFORE_CLASSES = 4

describe('migrations by hand', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(() => database.drop())

  const run = (...args: readonly string[]) =>
    callCommand('migrate-command', { DATABASE_URL: database.url }, args)
  /** table.column of all tables except that of the versions. */
  const columns = async () => {
    const rows = await database.query<{ name: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> '${VERSION_TABLE}' ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }
  const expectRefused = ({ status, stderr }: CommandRun, says: RegExp) => {
    expect(status).to.equal(1)
    expect(stderr).to.match(says)
  }

  it('go down by one step without a question, and up, and say what they did', async () => {
    const newest = await newestVersion()
    const before = await columns()
    const down = await run('down', '1')
    expect(down).to.include({ status: 0, stderr: '' })
    expect(down.stdout).to.match(new RegExp(`^(drops .*\n)+${newest} \\S+ \\(undo\\)\ndone\n$`))
    expect(await columns()).not.to.deep.equal(before)
    expect((await run('up')).stdout).to.match(new RegExp(`^${newest} \\S+ \\(do\\)\ndone\n$`))
    expect(await columns()).to.deep.equal(before)
  })

  it('take more than the newest version back with --yes alone, and say before what goes', async () => {
    const newest = String(await newestVersion())
    await database.storeMinutes("VALUES (1, '2024-12-12T10:00Z', 7)")
    const before = await columns()
    const refused = await run('down', newest)
    expectRefused(refused, /versions are taken back, not just the newest\.\nnothing was changed: say --yes/)
    expect(refused.stdout).to.include('drops the table click_minutes with 1 row\n')
    expect(refused.stdout).to.match(/^drops the table click_database with 1 row, .*npm run journal -- adopt/m)
    expect(refused.stdout).to.match(
      /^drops the table banners with 0 rows: redirects lead .*banners -- export/m,
    )
    expect(refused.stdout).to.match(
      /^drops the table click_quarters with 1 row: clicks whose minutes were dropped/m,
    )
    expect(refused.stdout).to.match(/^drops the table access_keys with 0 rows: without a key, everybody/m)
    expect(await columns()).to.deep.equal(before)
    expect(await run('down', newest, '--yes')).to.include({ status: 0 })
    expect(await columns()).to.deep.equal([])
  })

  it('say that clicks of bots and duplicates go, and valid ones stay', async () => {
    await database.storeMinutes("VALUES (1, '2024-12-12T10:00Z', 7, 2, 1)")
    const { stdout } = await run('down', String((await newestVersion()) - BEFORE_CLASSES))
    expect(stdout.split('\n').filter(line => line.includes('click_minutes'))).to.deep.equal([
      'drops the column bots of click_minutes, which has 1 row: clicks of bots are counted nowhere any more, and valid clicks stay',
      'drops the column duplicates of click_minutes, which has 1 row: duplicates are counted nowhere any more, and valid clicks stay',
    ])
  })

  it('ask beside a service that has connections, and beside one that has just stored clicks', async () => {
    const service = await connect(database.server, 'clickcounter flush')
    const beside = await run('down', '1')
    discard(service)
    expectRefused(
      beside,
      /A service is at work on this database, over 1 connection\..*journal.*\n.*say --yes/,
    )
    await database.query(
      `INSERT INTO click_ledger (writer, generation, updated_at)
       VALUES (gen_random_uuid(), 1, now()), (gen_random_uuid(), 1, now() - interval '1 hour')`,
    )
    expectRefused(
      await run('down', '1'),
      /A service has stored clicks in this database within the last minute/,
    )
    await database.query("UPDATE click_ledger SET updated_at = now() - interval '1 hour'")
    expect(await run('down', '1')).to.include({ status: 0 })
  })

  it('refuse what makes no sense, and change nothing', async () => {
    const before = await columns()
    const senseless: [string[], RegExp][] = [
      [[], /^say "up" or "down STEPS"\n\nUsage: npm run migrate/],
      [['up', '1'], /^say "up" or "down STEPS"\n\nUsage/],
      [['down', '0'], /STEPS is a whole number from 1, and not 0\n\nUsage/],
      [['down', '1', '--force'], /Unknown option '--force'.*\n\nUsage/],
      [['down', '99'], /the tables are at version \d+: 99 versions cannot be taken back/],
    ]
    for (const [args, says] of senseless) expectRefused(await run(...args), says)
    expect(await columns()).to.deep.equal(before)
  })

  it('say of each version exactly what the database loses with it', async () => {
    for (let version = await newestVersion(); version >= 1; version--) {
      const client = await connect(database.server, 'clickcounter test')
      const losses = await lossesOfDown(client, 1)
      discard(client)
      const before = await columns()
      await migrate(database.server, { kind: 'down', steps: 1 })
      const after = await columns()
      const left = new Set(after.map(name => name.split('.')[0]))
      const lost = before.filter(name => !after.includes(name)).map(name => name.split('.'))
      const expected = lost.map(([table, column]) =>
        left.has(table!) ? `drops the column ${column} of ${table},` : `drops the table ${table} with`,
      )
      const told = losses.map(loss => /^drops the (table \S+ with|column \S+ of \S+)/.exec(loss)![0])
      expect(new Set(told)).to.deep.equal(new Set(expected))
    }
  })

  it('make the tables that are listed, and no others', async () => {
    for (let version = await newestVersion(); version >= 0; version--) {
      const names = new Set((await columns()).map(name => name.split('.')[0]!))
      expect([...names]).to.have.members(tablesAt(version).map(({ name }) => name))
      if (version > 0) await migrate(database.server, { kind: 'down', steps: 1 })
    }
  })
})
