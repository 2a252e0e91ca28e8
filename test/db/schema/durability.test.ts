import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../../db/connection/connect.ts'
import { findWeaknesses } from '../../../db/schema/durability.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

describe('what would let a database lose what it has committed', () => {
  let database: TestDatabase
  let client: pg.Client
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
  })
  afterEach(async () => {
    discard(client)
    await database.drop()
  })

  it('is nothing, usually', async () => {
    expect(await findWeaknesses(client)).to.deep.equal([])
  })

  it('is a table that is unlogged, also a month of one, and not one of somebody else', async () => {
    await database.storeMinutes(`VALUES (1, '2026-11-01Z', 1)`)
    await client.query('CREATE UNLOGGED TABLE click_cache (id int)')
    expect(await findWeaknesses(client)).to.deep.equal([])
    await client.query('ALTER TABLE click_ledger SET UNLOGGED')
    await client.query('ALTER TABLE click_minutes_2026_11 SET UNLOGGED')
    expect(await findWeaknesses(client)).to.deep.equal([
      'Unlogged in the database: click_ledger and click_minutes_2026_11. A crash of the database empties them. Repair: ALTER TABLE … SET LOGGED.',
    ])
    await client.query('ALTER TABLE click_ledger SET LOGGED')
    await client.query('ALTER TABLE click_minutes_2026_11 SET LOGGED')
    expect(await findWeaknesses(client)).to.deep.equal([])
  })

  it('is a temporary table that hides ours', async () => {
    // In transaction mode, a pooler hands a connection on together with its temporary tables.
    await client.query('CREATE TEMPORARY TABLE click_minutes (LIKE public.click_minutes INCLUDING ALL)')
    expect(await findWeaknesses(client)).to.have.lengthOf(1)
    expect((await findWeaknesses(client))[0]).to.contain('hide ours and end with its session: click_minutes.')
  })
})
