import { expect } from 'chai'
import type pg from 'pg'
import { SHARE_FLUSHES } from '../../../db/history/locks.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const INSERT = "INSERT INTO click_minutes (banner_id, minute, clicks) VALUES (1, '2026-01-01Z', 1)"
const ADD = `${INSERT} ON CONFLICT (banner_id, minute) DO UPDATE SET clicks = click_minutes.clicks + 1`

/** Before there were months. */
const TO_7 = { kind: 'down', steps: (await newestVersion()) - 7 } as const

describe('a migration while a transaction goes on and on that has read a table', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.server, { kind: 'down', steps: (await newestVersion()) - 4 })
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

describe('a way back that copies minutes for longer than it waits for a table', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    await migrate(database.server, TO_7)
    await database.query(
      "INSERT INTO click_minutes (banner_id, minute, clicks, bots, duplicates) VALUES (1, '2026-01-01Z', 1, 0, 0)",
    )
    await migrate(database.server, { kind: 'up' })
    await database.storeMinutes("VALUES (1, '2199-01-01Z', 1)")
    await database.query(
      `CREATE SEQUENCE copies;
       CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM nextval('public.copies'), pg_sleep(1.5); RETURN NEW; END $$;
       CREATE TRIGGER wait BEFORE INSERT ON click_minutes_released FOR EACH ROW EXECUTE FUNCTION wait()`,
    )
  })
  afterEach(() => database.drop())

  const copies = async () =>
    (
      await database.query<{ made: number }>('SELECT last_value::int * is_called::int AS made FROM copies')
    )[0]!.made

  it('copies them once, although flushes come meanwhile', async () => {
    const migrated = migrate(database.server, TO_7)
    await withClient(database.server, async flush => {
      await until(async () => (await copies()) === 1)
      await flush.query(`BEGIN; SET LOCAL lock_timeout = 4000; ${SHARE_FLUSHES}`)
      const add = async () => {
        await flush.query('SELECT FROM click_history')
        await flush.query("INSERT INTO click_minutes VALUES (1, '2026-01-02Z', 1, 0, 0)")
      }
      const flushed = add().catch((error: Error) => error)
      expect((await migrated).slice(-2)).to.deep.equal(['9 ledger-classes (undo)', '8 click-history (undo)'])
      expect(await flushed).to.have.property('message', 'relation "click_history" does not exist')
    })
    expect(await copies()).to.equal(1)
  })

  it('copies nothing before an import that waits for it lets go of its tables', async () => {
    await withClient(database.server, async importer => {
      await importer.query('BEGIN; LOCK TABLE click_imports IN ROW EXCLUSIVE MODE')
      const migrated = migrate(database.server, TO_7)
      await until(async () => (await database.waiting()).length > 0)
      await importer.query(SHARE_FLUSHES)
      expect(await copies()).to.equal(0)
      await importer.query('COMMIT')
      await migrated
    })
    expect(await copies()).to.equal(1)
  })
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
