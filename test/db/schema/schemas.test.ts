import { expect } from 'chai'
import { migrate } from '../../../db/schema/migrate.ts'
import { TABLES } from '../../../db/schema/tables.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const UP = { kind: 'up' } as const
const FOREIGN = 'click_migrations (version bigint)'

describe('migrations beside other schemas', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase({ isMigrated: false })
  })
  afterEach(() => database.drop())

  const look = (path: string) =>
    database.query(`ALTER DATABASE ${database.server.name} SET search_path = ${path}`)
  /** schema.table of all tables except Postgres' own. */
  const tables = async () => {
    const rows = await database.query<{ name: string }>(
      `SELECT schemaname || '.' || tablename AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }
  const oursIn = (schema: string) =>
    ['click_migrations', ...TABLES.map(({ name }) => name)].sort().map(name => `${schema}.${name}`)
  const versionsIn = async (schema: string) => {
    const rows = await database.query<{ version: string }>(
      `SELECT version FROM ${schema}.click_migrations ORDER BY version`,
    )
    return rows.map(({ version }) => Number(version))
  }
  const refusal = async () => {
    const before = await tables()
    const error = await migrate(database.server, UP).catch(error => error)
    expect(await tables()).to.deep.equal(before)
    return error as { code: string; message: string }
  }

  it('do not take a table of the same name for theirs that statements do not see', async () => {
    await database.query(`CREATE SCHEMA archive; CREATE TABLE archive.${FOREIGN}`)
    expect(await migrate(database.server, UP)).not.to.deep.equal([])
    expect(await tables()).to.deep.equal(['archive.click_migrations', ...oursIn('public')])
    expect(await migrate(database.server, UP)).to.deep.equal([])
    await migrate(database.server, { kind: 'down', steps: 1 })
    expect(await versionsIn('archive')).to.deep.equal([])
  })

  it('make theirs in front of one that stands later in the search path', async () => {
    await database.query(`CREATE SCHEMA archive; CREATE TABLE archive.${FOREIGN}`)
    await look('public, archive')
    await migrate(database.server, UP)
    expect(await tables()).to.deep.equal(['archive.click_migrations', ...oursIn('public')])
  })

  it('pass over schemas of the search path that are not there', async () => {
    await look('nowhere, "$user", app, public')
    await database.query('CREATE SCHEMA app')
    await migrate(database.server, UP)
    expect(await tables()).to.deep.equal(oursIn('app'))
  })

  it('serve two services in two schemas of one database', async () => {
    await migrate(database.server, UP)
    await database.query('CREATE SCHEMA second')
    await look('second')
    await migrate(database.server, UP)
    expect(await tables()).to.deep.equal([...oursIn('public'), ...oursIn('second')])
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - 3 })
    expect(await tables())
      .to.include('public.click_database')
      .and.not.to.include('second.click_database')
  })

  it('take any name of a schema', async () => {
    const name = `"my.odd ""'schema"`
    await database.query(`CREATE SCHEMA ${name}`)
    await look(name)
    await migrate(database.server, UP)
    expect(await versionsIn(name)).to.include.members([0, 1, 2])
    expect(await migrate(database.server, UP)).to.deep.equal([])
  })

  it('go on beside the earlier ones when a schema has come before theirs', async () => {
    await look('"$user", public')
    await migrate(database.server, UP)
    await migrate(database.server, { kind: 'down', steps: 1 })
    await database.query(`CREATE SCHEMA ${database.server.user}`)
    await migrate(database.server, UP)
    expect(await tables()).to.deep.equal(oursIn('public'))
  })

  it('make nothing for a role that may not, and need nothing made', async () => {
    await migrate(database.server, UP)
    await database.query(`CREATE ROLE ${database.server.name} LOGIN PASSWORD 'secret';
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${database.server.name}`)
    const server = { ...database.server, user: database.server.name, password: 'secret' }
    expect(await migrate(server, UP)).to.deep.equal([])
    await database.query(`DROP OWNED BY ${database.server.name}; DROP ROLE ${database.server.name}`)
  })

  for (const { title, prepare, path, code, says } of [
    {
      title: 'a table of that name that is not theirs, where theirs would be',
      prepare: `CREATE TABLE ${FOREIGN}`,
      path: 'public',
      code: 'SCHEMA_NAME_TAKEN',
      says: /^public\.click_migrations belongs to something else: its columns are version and not version, name/,
    },
    {
      title: 'a view of that name, where theirs would be',
      prepare: 'CREATE VIEW click_migrations AS SELECT 1 AS version',
      path: 'public',
      code: 'SCHEMA_NAME_TAKEN',
      says: /Rename it, or give this role another schema/,
    },
    { title: 'no schema', prepare: 'SELECT 1', path: 'nowhere', code: 'SCHEMA_NONE', says: /create one/ },
  ])
    it(`refuse ${title}`, async () => {
      await database.query(prepare)
      await look(path)
      const { code: found, message } = await refusal()
      expect(found).to.equal(code)
      expect(message).to.match(says)
    })

  for (const { title, spoil, code, says } of [
    {
      title: 'a table of versions that hides theirs',
      spoil: `CREATE TABLE app.${FOREIGN}`,
      code: 'SCHEMA_SHADOWED',
      says: /^app\.click_migrations comes before public\.click_migrations in the search_path/,
    },
    {
      title: 'a view that hides one of their tables',
      spoil: 'CREATE VIEW app.click_minutes AS SELECT * FROM public.click_minutes',
      code: 'SCHEMA_SHADOWED',
      says: /^app\.click_minutes comes before public\.click_minutes/,
    },
    {
      title: 'a table that is missing',
      spoil: 'ALTER TABLE click_ledger RENAME TO elsewhere',
      code: 'TABLE_MISSING',
      says: /^the table public\.click_ledger is missing.*restore a backup/,
    },
    {
      title: 'a table that has gone to a schema which statements do not see',
      spoil: 'CREATE SCHEMA archive; ALTER TABLE click_ledger SET SCHEMA archive',
      code: 'TABLE_MISSING',
      says: /^the table public\.click_ledger is missing/,
    },
  ])
    it(`refuse ${title}`, async () => {
      await migrate(database.server, UP)
      await database.query('CREATE SCHEMA app')
      await look('app, public')
      await database.query(spoil)
      const { code: found, message } = await refusal()
      expect(found).to.equal(code)
      expect(message).to.match(says)
    })
})
