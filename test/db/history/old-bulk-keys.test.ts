import { expect } from 'chai'
import { TRY_KEYS } from '../../../db/history/locks.ts'
import { removeOldBulkKeys } from '../../../db/history/old-bulk-keys.ts'
import { statements } from '../../../db/statements.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../../support/database.ts'

const DAYS = 7

describe('keys of bulks that are known no longer', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  beforeEach(() => database.query('TRUNCATE bulk_keys'))
  after(() => database.drop())

  const add = (days: number, count = 1) =>
    database.query(
      `INSERT INTO bulk_keys
       SELECT $1 || '-' || number, gen_random_uuid(), gen_random_uuid(), 1, now() - make_interval(days => $1::int)
       FROM generate_series(1, $2) AS number`,
      [days, count],
    )
  const remove = () => withClient(database.server, client => removeOldBulkKeys(client, DAYS))
  const left = async () =>
    (await database.query<{ key: string }>('SELECT key FROM bulk_keys ORDER BY 1')).map(({ key }) => key)

  it('go after twice the time that they are promised for, and no others', async () => {
    for (const days of [0, DAYS + 1, 2 * DAYS - 1, 2 * DAYS + 1, 1000]) await add(days)
    expect(await remove()).to.equal(false)
    expect(await left()).to.deep.equal(['0-1', '13-1', '8-1'])
  })

  it('go some at a time, the oldest first', async () => {
    await add(100, 999)
    await add(50, 1001)
    expect(await remove()).to.equal(true)
    expect(new Set((await left()).map(key => key.slice(0, 2)))).to.deep.equal(new Set(['50']))
    expect(await remove()).to.equal(true)
    expect(await remove()).to.equal(false)
    expect(await left()).to.deep.equal([])
  })

  it('are left to whoever is at it', async () => {
    await add(100)
    await withClient(database.server, async other => {
      await other.query(`BEGIN; ${TRY_KEYS}`)
      expect(await remove()).to.equal(false)
      await other.query('ROLLBACK')
    })
    expect(await left()).to.deep.equal(['100-1'])
    await remove()
    expect(await left()).to.deep.equal([])
  })

  it('keep no flush waiting: one that adds other keys, and one that adds the same again', async () => {
    await add(100, 1000)
    await withClient(database.server, async other => {
      await other.query('BEGIN')
      await other.query(statements.deleteOldBulkKeys, [2 * DAYS, await left()])
      await database.query(
        "INSERT INTO bulk_keys VALUES ('new', gen_random_uuid(), gen_random_uuid(), 1, now()) ON CONFLICT DO NOTHING",
      )
      const again = database.query<{ key: string }>(
        `INSERT INTO bulk_keys VALUES ('100-1', gen_random_uuid(), gen_random_uuid(), 1, now())
         ON CONFLICT DO NOTHING RETURNING key`,
      )
      await other.query('COMMIT')
      expect(await again).to.deep.equal([{ key: '100-1' }])
    })
    expect(await left()).to.deep.equal(['100-1', 'new'])
  })
})
