import { expect } from 'chai'
import type pg from 'pg'
import { connect } from '../../db/connection/connect.ts'
import { BannerSource } from '../../lib/banner-watch/banner-source.ts'
import { OverlayMemory } from '../../lib/banner-watch/overlay-memory.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { WatchConnection } from '../../lib/watch/watch-connection.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { Registry } from './registry.ts'
import { bannersIn, PLAIN } from './tables.ts'

/** More than two pages. */
const MANY = 5000

/** A connection that does something before each question from the given one on. */
class BusyConnection extends WatchConnection {
  before: (question: number) => Promise<void> = () => Promise.resolve()
  questions = 0

  override async use<Result>(ask: (client: pg.Client) => Promise<Result>): Promise<Result> {
    await this.before(++this.questions)
    return await super.use(ask)
  }
}

describe('the banners in Postgres, as main reads them', () => {
  let database: TestDatabase
  let registry: Registry
  let connection: BusyConnection
  let source: BannerSource
  before(async () => {
    database = await createTestDatabase()
    registry = new Registry(database)
  })
  after(() => database.drop())
  let overlays: OverlayMemory
  beforeEach(async () => {
    await database.query('TRUNCATE banners, banner_changes, banner_revisions')
    await database.query("INSERT INTO banner_revisions VALUES (0, gen_random_uuid(), now(), 'test')")
    connection = new BusyConnection(database.server)
    overlays = new OverlayMemory()
    source = new BannerSource(connection, overlays)
  })
  afterEach(() => source.close())

  /** What is read is in force at once. */
  const read = async (known: BannerTables | null, kept: BannerTables | null) => {
    const tables = await source.read(known, kept)
    if (tables !== null) overlays.published(tables.overlay.buffer, true)
    return tables
  }

  const targets = (tables: BannerTables | null) => bannersIn(tables!).map(({ id, target }) => [id, target])
  const idsOf = (tables: BannerTables | null) => bannersIn(tables!).map(({ id }) => id)
  const range = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const failure = (reading: Promise<unknown>) =>
    reading.then(
      () => null,
      (error: Error) => error,
    )

  it('are none at first, which is known', async () => {
    const tables = (await read(null, null))!
    expect(bannersIn(tables)).to.deep.equal([])
    expect(await read(tables, null)).to.equal(null)
  })

  it('are read with all that the answer to a click needs', async () => {
    await database.query(
      `INSERT INTO banners VALUES
       (1, 'a', 'https://ü.example/?a={ts}', 'c', '{l}', '{utm_source,gclid}', false,
        '2026-11-27T10:00:00.123Z', '9999-12-31T23:59:59.999Z', gen_random_uuid(), now(), 'test'),
       (2147483647, 'b', NULL, NULL, '{}', '{}', true, NULL, NULL, gen_random_uuid(), now(), 'test')`,
    )
    const all = [
      {
        id: 1,
        target: 'https://ü.example/?a={ts}',
        passQuery: ['utm_source', 'gclid'],
        isActive: false,
        activeFromMs: Date.parse('2026-11-27T10:00:00.123Z'),
        activeUntilMs: Date.parse('9999-12-31T23:59:59.999Z'),
      },
      { ...PLAIN, id: 2_147_483_647 },
    ]
    const first = (await read(null, null))!
    expect(bannersIn(first)).to.deep.equal(all)
    await registry.register(5, 5)
    await database.query(
      `WITH newest AS (SELECT max(revision) AS revision FROM banner_revisions)
       INSERT INTO banner_changes SELECT id, revision, '{}', '{}' FROM newest, (VALUES (1), (2147483647)) AS ids (id)`,
    )
    const changed = bannersIn((await read(first, null))!)
    expect(changed.filter(({ id }) => id !== 5)).to.deep.equal(all)
  })

  it('are read by what has changed, over one connection', async () => {
    await registry.register(1, 3)
    const first = (await read(null, null))!
    await registry.register(3, 4, 'https://b.example/')
    await registry.remove(1, 1)
    const second = (await read(first, null))!
    expect(second.base).to.equal(first.base)
    expect(targets(second)).to.deep.equal([
      [2, 'https://a.example/2'],
      [3, 'https://b.example/3'],
      [4, 'https://b.example/4'],
    ])
    await registry.register(1, 1, 'https://c.example/')
    const third = (await read(second, null))!
    expect(third.overlay.entries).to.equal(3)
    expect(targets(third)[0]).to.deep.equal([1, 'https://c.example/1'])
    const connections = await database.query(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'clickcounter watch'`,
    )
    expect(connections).to.have.length(1)
  })

  it('are read in pages, however many there are and have changed, and become one base again', async () => {
    await registry.register(1, MANY)
    const first = (await read(null, null))!
    expect(idsOf(first)).to.deep.equal(range(1, MANY))
    await registry.register(MANY, 2 * MANY)
    await registry.remove(1, 2)
    const second = (await read(first, null))!
    expect(idsOf(second)).to.deep.equal(range(3, 2 * MANY))
    expect(second.base, 'in force before all are put in order').to.equal(first.base)
    const third = (await read(second, null))!
    expect(bannersIn(third)).to.deep.equal(bannersIn(second))
    expect([third.base.entries, third.overlay.entries]).to.deep.equal([2 * MANY - 2, 0])
    expect(await read(third, null)).to.equal(null)
  })

  it('become one base again also where others change each time that they are read', async () => {
    const first = (await read(null, null))!
    await registry.register(1, MANY)
    const second = (await read(first, null))!
    await registry.register(MANY + 1, MANY + 1)
    const third = (await read(second, null))!
    expect(idsOf(third)).to.deep.equal(range(1, MANY + 1))
    expect([third.base.entries, third.overlay.entries]).to.deep.equal([MANY + 1, 0])
  })

  it('are all read where they have changed so often that it takes less', async () => {
    await registry.register(1, 3)
    const first = (await read(null, null))!
    await registry.changeOften(1, 60_000)
    await registry.remove(2, 2)
    connection.questions = 0
    const second = (await read(first, null))!
    // A page has 2000 changes.
    expect(connection.questions).to.be.below(20)
    expect(idsOf(second)).to.deep.equal([1, 3])
    expect(second.base.bytes).to.be.at.most(first.base.bytes)
    expect(second.overlay.entries).to.equal(0)
    expect(await read(second, null)).to.equal(null)
  })

  it('leave room between their pages for questions about keys', async () => {
    await registry.register(1, MANY)
    let isRead = false
    const reading = read(null, null).finally(() => (isRead = true))
    let answers = 0
    while (!isRead) {
      await connection.use(client => client.query('SELECT'))
      answers++
    }
    expect(idsOf(await reading)).to.have.length(MANY)
    expect(answers).to.be.at.least(MANY / 2000)
  })

  it('are read to their end, although a question fails each time, with what was changed meanwhile', async () => {
    await registry.register(1, MANY)
    connection.before = async () => {
      if (connection.questions % 3 !== 0) return
      await registry.remove(connection.questions, connection.questions)
      throw new Error('it took too long')
    }
    let tables: BannerTables | null = null
    let failures = 0
    for (let round = 0; round < 10 && tables === null; round++)
      tables = await read(null, null).catch(() => {
        failures++
        return null
      })
    expect(failures).to.be.at.least(2)
    expect(idsOf(tables)).to.deep.equal(range(1, MANY).filter(id => id % 3 !== 0 || id > 3 * failures))
    connection.before = () => Promise.resolve()
    expect(await read(tables, null)).to.equal(null)
  })

  it('hold what was changed while they were read', async () => {
    await registry.register(1, MANY)
    connection.before = async question => {
      if (question !== 3) return
      await registry.register(1, 1, 'https://b.example/')
      await registry.remove(2, 2)
      await registry.register(MANY + 1, MANY + 1)
    }
    const tables = (await read(null, null))!
    expect(targets(tables)[0]).to.deep.equal([1, 'https://b.example/1'])
    expect(idsOf(tables)).to.deep.equal([1, ...range(3, MANY + 1)])
    expect(await read(tables, null)).to.equal(null)
  })

  it('hold what was changed while many changes were read', async () => {
    const first = (await read(null, null))!
    await registry.register(1, MANY)
    connection.questions = 0
    connection.before = async question => {
      if (question === 3) await registry.register(1, 1, 'https://b.example/')
    }
    const tables = (await read(first, null))!
    expect(targets(tables)[0]).to.deep.equal([1, 'https://b.example/1'])
    const merged = (await read(tables, null))!
    expect(merged.overlay.revision).to.equal(tables.overlay.revision)
    expect(bannersIn(merged)).to.deep.equal(bannersIn(tables))
  })

  it('are read anew from a database that has lost changes, and hold nothing of those', async () => {
    await registry.register(1, 3)
    const first = (await read(null, null))!
    await registry.register(4, 4)
    const second = (await read(first, null))!
    await registry.goBack(1)
    await registry.remove(4, 4)
    expect(idsOf(await read(second, null))).to.deep.equal([1, 2, 3])
  })

  it('are not taken when changes are lost while they are read', async () => {
    await registry.register(1, MANY)
    connection.before = async question => {
      if (question === 2) await registry.register(1, 1, 'https://lost.example/')
      if (question === 3) await registry.goBack(1)
    }
    expect(await failure(read(null, null))).to.match(/lost changes/)
    connection.before = () => Promise.resolve()
    expect(await read(null, null)).not.to.equal(null)
  })

  it('go on from those of a file, where the database still has their revision', async () => {
    await registry.register(1, 3)
    const kept = (await read(null, null))!
    expect(await read(null, kept)).to.equal(kept)
    await registry.remove(2, 2)
    const next = (await read(null, kept))!
    expect(next.base).to.equal(kept.base)
    expect(idsOf(next)).to.deep.equal([1, 3])
  })

  it('are read anew where a file is of another database', async () => {
    await registry.register(1, 3)
    const kept = (await read(null, null))!
    await database.query('UPDATE click_database SET id = gen_random_uuid()')
    const next = (await read(null, kept))!
    expect(next.base).not.to.equal(kept.base)
    expect(idsOf(next)).to.deep.equal([1, 2, 3])
  })

  it('are not taken from another database than the first one, until that is there again', async () => {
    await registry.register(1, 3)
    const known = (await read(null, null))!
    const setId = (id: string) => database.query('UPDATE click_database SET id = $1', [id])
    await setId(crypto.randomUUID())
    expect(await failure(read(known, null))).to.include({ code: 'OTHER_DATABASE' })
    await setId(known.overlay.database)
    expect(await read(known, null)).to.equal(null)
  })

  it('wait for a lock no longer than keys may wait for them', async () => {
    const known = (await read(null, null))!
    const client = await connect(database.server, 'clickcounter test')
    await client.query('BEGIN; LOCK TABLE banner_revisions')
    const askedAtMs = performance.now()
    expect(await failure(read(known, null))).to.include({ code: '55P03' })
    expect(performance.now() - askedAtMs).to.be.below(1000)
    await client.end()
    expect(await read(known, null)).to.equal(null)
  })

  it('are said to be missing where the tables do not tell', async () => {
    await database.query('DELETE FROM banner_revisions')
    expect(await failure(read(null, null))).to.include({ code: 'TABLE_BANNER_REVISIONS' })
  })
})
