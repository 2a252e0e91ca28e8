import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { migrate } from '../../../db/schema/migrate.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

/** The version of the schema that release 1.0.0 makes. */
const RELEASED_VERSION = 2

/** db/sql/advance-ledger.sql and db/sql/add-clicks.sql of release 1.0.0. */
const RELEASED_ADVANCE = `
INSERT INTO click_ledger (writer, generation, updated_at)
VALUES ($1::uuid, $2::bigint, $3::timestamptz)
ON CONFLICT (writer) DO UPDATE
SET generation = excluded.generation,
    updated_at = excluded.updated_at
WHERE click_ledger.generation < excluded.generation
RETURNING 1`
const RELEASED_ADD = `
INSERT INTO click_minutes AS counted (banner_id, minute, clicks)
SELECT banner_id, to_timestamp(minute * 60::bigint), clicks
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
  WITH ORDINALITY AS batch (banner_id, minute, clicks, number)
WHERE CASE number % 125 WHEN 0 THEN (pg_sleep($4) IS NULL) IS NOT NULL ELSE true END
ON CONFLICT (banner_id, minute) DO UPDATE
SET clicks = counted.clicks + excluded.clicks`

describe('the tables of release 1.0.0', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - RELEASED_VERSION })
  })
  afterEach(() => database.drop())

  const flush = async (writer: string, generation: number, clicks: number) => {
    await database.query(RELEASED_ADVANCE, [writer, generation, new Date()])
    await database.query(RELEASED_ADD, [[1, 2], [28_000_000, 28_000_000], [clicks, clicks], 0])
  }
  const rows = () =>
    database.query(
      'SELECT banner_id::int AS id, clicks::int, bots::int, duplicates::int FROM click_minutes ORDER BY 1',
    )

  it('keep their rows, and take no more of that release: its clicks wait in its journal', async () => {
    const writer = randomUUID()
    await flush(writer, 1, 5)
    await migrate(database.server, { kind: 'up' })
    const kept = [
      { id: 1, clicks: 5, bots: 0, duplicates: 0 },
      { id: 2, clicks: 5, bots: 0, duplicates: 0 },
    ]
    expect(await rows()).to.deep.equal(kept)
    const error = await flush(writer, 2, 7).catch(error => error)
    expect(error).to.include({ code: '23502', column: 'bots' })
    expect(await rows()).to.deep.equal(kept)
  })

  it('come back by steps with the valid clicks, without what was filtered', async () => {
    await migrate(database.server, { kind: 'up' })
    await database.storeMinutes(`VALUES (1, '2024-12-12T10:00Z', 5, 3, 4)`)
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - RELEASED_VERSION })
    expect(await database.query('SELECT * FROM click_minutes')).to.deep.equal([
      { banner_id: '1', minute: new Date('2024-12-12T10:00Z'), clicks: '5' },
    ])
  })
})
