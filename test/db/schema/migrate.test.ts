import { expect } from 'chai'
import { migrate } from '../../../db/schema/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const UP = { kind: 'up' } as const
const STEPS = [
  '1 click-minutes (do)',
  '2 click-ledger (do)',
  '3 ledger-history (do)',
  '4 click-database (do)',
  '5 click-classes (do)',
  '6 access-keys (do)',
  '7 banners (do)',
  '8 click-history (do)',
  '9 ledger-classes (do)',
  '10 click-instances (do)',
  '11 bulk-keys (do)',
]
const TABLES = [
  'access_keys',
  'access_state',
  'banner_changes',
  'banner_revisions',
  'banners',
  'bulk_keys',
  'click_database',
  'click_days',
  'click_history',
  'click_imported',
  'click_imports',
  'click_instances',
  'click_ledger',
  'click_minutes',
  'click_quarters',
  'ended_sessions',
]

describe('migrations', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase({ isMigrated: false })
  })
  afterEach(() => database.drop())

  const tables = async () => {
    const rows = await database.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    )
    return rows.map(row => row.name).filter(name => name !== 'click_migrations')
  }

  it('make the tables, and make nothing the second time', async () => {
    expect(await migrate(database.server, UP)).to.deep.equal(STEPS)
    expect(await tables()).to.deep.equal(TABLES)
    expect(await migrate(database.server, UP)).to.deep.equal([])
  })

  it('go back by steps, not beyond the first, and up again', async () => {
    await migrate(database.server, UP)
    expect(await migrate(database.server, { kind: 'down', steps: 10 })).to.deep.equal([
      '11 bulk-keys (undo)',
      '10 click-instances (undo)',
      '9 ledger-classes (undo)',
      '8 click-history (undo)',
      '7 banners (undo)',
      '6 access-keys (undo)',
      '5 click-classes (undo)',
      '4 click-database (undo)',
      '3 ledger-history (undo)',
      '2 click-ledger (undo)',
    ])
    expect(await tables()).to.deep.equal(['click_minutes'])
    const error = await migrate(database.server, { kind: 'down', steps: 2 }).catch(error => error)
    expect(error).to.include({ code: 'TOO_MANY_STEPS' })
    expect(await tables()).to.deep.equal(['click_minutes'])
    expect(await migrate(database.server, { kind: 'down', steps: 1 })).to.deep.equal([
      '1 click-minutes (undo)',
    ])
    expect(await tables()).to.deep.equal([])
    await migrate(database.server, UP)
    expect(await tables()).to.deep.equal(TABLES)
  })

  it('are each made once when many processes come at the same time', async () => {
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(database.server, UP)))
    expect(applied.flat()).to.have.members(STEPS)
    expect(await tables()).to.deep.equal(TABLES)
  })

  it('leave a step that fails without a trace', async () => {
    await database.query('CREATE TABLE click_ledger (in_the_way int)')
    const error = await migrate(database.server, UP).catch(error => error)
    expect(error.message).to.match(/already exists/)
    const versions = await database.query<{ version: string }>(
      'SELECT version FROM click_migrations ORDER BY 1',
    )
    expect(versions.map(row => Number(row.version))).to.deep.equal([0, 1])
    await database.query('DROP TABLE click_ledger')
    expect(await migrate(database.server, UP)).to.deep.equal(STEPS.slice(1))
  })

  it('refuse a database that is newer than the program', async () => {
    await migrate(database.server, UP)
    await database.query("INSERT INTO click_migrations (version, name) VALUES (99, 'later')")
    const error = await migrate(database.server, UP).catch(error => error)
    expect(error).to.include({ code: 'SCHEMA_TOO_NEW' })
    expect(error.message).to.match(/version 99.*knows 11.*newer program/)
  })
})
