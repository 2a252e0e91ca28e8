import { expect } from 'chai'
import type pg from 'pg'
import { migrate } from '../../../db/schema/migrate.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const INSERT = "INSERT INTO click_minutes (banner_id, minute, clicks) VALUES (1, '2026-01-01Z', 1)"
const ADD = `${INSERT} ON CONFLICT (banner_id, minute) DO UPDATE SET clicks = click_minutes.clicks + 1`

describe('a migration while a transaction goes on and on that has read a table', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.server, { kind: 'down', steps: 4 })
  })
  afterEach(() => database.drop())

  it('keeps no flush of another instance waiting past its limit, and is made when that transaction ends', async () => {
    let migrated: Promise<string[]> | null = null
    await withClient(database.server, async reader => {
      await reader.query('BEGIN; SELECT FROM click_minutes')
      migrated = migrate(database.server, { kind: 'up' })
      const waits = await withClient(database.server, async writer => {
        await until(async () => (await version()) === 4)
        return await addFor(writer, 1500)
      })
      expect(waits.length, 'flushes').to.be.greaterThan(10)
      expect(Math.max(...waits), 'milliseconds').to.be.below(2000)
      expect(await version()).to.equal(4)
      await reader.query('COMMIT')
    })
    expect(await migrated).to.include('5 click-classes (do)')
  })

  async function version(): Promise<number> {
    const [row] = await database.query<{ version: number }>(
      'SELECT max(version)::int AS version FROM click_migrations',
    )
    return row!.version
  }
})

/** How long each of the adds took, one after the other, for so long. */
async function addFor(client: pg.Client, ms: number): Promise<number[]> {
  await client.query('SET lock_timeout = 4000')
  const waits: number[] = []
  for (const endMs = performance.now() + ms; performance.now() < endMs; ) {
    const startMs = performance.now()
    await client.query(ADD)
    waits.push(performance.now() - startMs)
  }
  return waits
}
