import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { addBulkKeys } from '../../lib/flush-worker/bulk-keys.ts'
import { ledgerStands } from '../../lib/flush-worker/ledger.ts'
import { storeItem } from '../../lib/flush-worker/store.ts'
import type { FlushWorkerData, StoredItem } from '../../lib/messages.ts'
import { type Batch, batchOf } from '../../lib/rows/batch.ts'
import { BOT, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { keyed, keyedClicks } from '../support/keyed.ts'
import { type Row, rowOf, rowsFrom } from '../support/rows.ts'

const DAY_MINUTES = 1440
const KEY_DAYS = 7

describe('a batch with keyed bulks', () => {
  const minute = Math.floor(Date.now() / 60_000) - 1
  let database: TestDatabase
  let databaseId: string
  let clients: pg.Client[]
  before(async () => {
    database = await createTestDatabase()
    const [row] = await database.query<{ id: string }>('SELECT id FROM click_database')
    databaseId = row!.id
    clients = await Promise.all([1, 2, 3, 4].map(() => connect(database.server, 'clickcounter test')))
  })
  beforeEach(() => database.query('TRUNCATE click_minutes, click_ledger, bulk_keys'))
  after(async () => {
    clients.forEach(discard)
    await database.drop()
  })

  it('adds those whose key is new, once, together with its rows', async () => {
    const bulks = [
      keyed('b', minute, [[VALID, 1, 10, 2, 20], [BOT, 1, 5], [DUPLICATE, 3, 7]]), // biome-ignore format: a table
      keyedClicks('a', minute - 1, 1, 100),
    ]
    const stored = await store(batch(1, bulks, [[1, minute, 1000]]))
    expect(stored).to.deep.include({ rows: 4, clicks: 1142, repeated: [0, 0, 0], conflicts: [], expired: [] })
    const rows: Row[] = [
      [1, minute - 1, 100],
      [1, minute, 1010, 5],
      [2, minute, 20],
      [3, minute, 0, 0, 7],
    ]
    expect(await storedRows()).to.deep.equal(rows)
    expect(await keys()).to.deep.equal(['a 1', 'b 1'])
    expect(await store(batch(2, bulks, [[1, minute, 1]]))).to.deep.include({
      clicks: 1,
      repeated: [130, 5, 7],
    })
    expect(await storedRows()).to.deep.equal(rows.with(1, [1, minute, 1011, 5]))
    expect(await keys()).to.deep.equal(['a 1', 'b 1'])
  })

  it('stores neither key nor clicks of what came with another content, whatever its writer', async () => {
    await store(batch(1, [keyedClicks('a', minute, 1, 5)]))
    const other = keyedClicks('a', minute, 1, 6)
    for (const as of [writer, randomUUID()]) {
      const stored = await store(batch(2, [other, keyedClicks('b', minute, 2, 3)]), as)
      expect(stored.conflicts).to.deep.equal([other])
      expect(stored).to.deep.include({ repeated: as === writer ? [0, 0, 0] : [3, 0, 0] })
    }
    expect(await storedRows()).to.deep.equal([[1, minute, 5], [2, minute, 3]]) // biome-ignore format: a table
  })

  it('asks for many keys in statements of bounded size, ascending', async () => {
    const many = Array.from({ length: 12_000 }, (_, nth) => keyedClicks(`key-${nth}`, minute, 1, 1))
    const asked: (readonly string[])[] = []
    const client = {
      query: async (_statement: string, [keys]: [readonly string[]]) => {
        asked.push(keys)
        return { rows: keys.map(key => ({ key })) }
      },
    }
    const as = { writer, generation: 1 }
    const fates = await addBulkKeys(client as never, many, as, () => false)
    expect(fates.counted).to.have.lengthOf(many.length)
    expect(Math.max(...asked.map(keys => keys.length))).to.be.at.most(5000)
    expect(asked.flat()).to.deep.equal(many.map(({ key }) => key).sort())
  })

  it('counts the first of several with one key', async () => {
    const [first, other] = [keyedClicks('a', minute, 1, 5), keyedClicks('a', minute, 1, 6)]
    const stored = await store(batch(1, [first, other, first, first, other]))
    expect(stored).to.deep.include({ clicks: 5, repeated: [10, 0, 0], conflicts: [other, other] })
    expect(await storedRows()).to.deep.equal([[1, minute, 5]])
  })

  it('keeps what it stored and what it did not apart in the ledger', async () => {
    await store(batch(1, [keyed('a', minute, [[VALID, 1, 5], [BOT, 1, 2]])])) // biome-ignore format: a table
    await store(
      batch(2, [
        keyed('a', minute, [[VALID, 1, 5], [BOT, 1, 2]]), // biome-ignore format: a table
        keyed('a', minute, [[DUPLICATE, 1, 9]]),
        keyedClicks('b', minute, 1, 100),
      ]),
    )
    expect(await ledgerStands(clients[0]!, [writer])).to.deep.equal([
      { writer, generation: 2, clicks: [105, 2, 0] },
    ])
    expect(
      await database.query('SELECT clicks::int, repeated::int, conflicts::int FROM click_ledger'),
    ).to.deep.equal([{ clicks: 107, repeated: 7, conflicts: 9 }])
  })

  it('is told again what became of them when the answer to its COMMIT was lost', async () => {
    await store(batch(1, [keyedClicks('a', minute, 1, 5)]))
    const bulks = [
      keyedClicks('a', minute, 1, 5),
      keyedClicks('a', minute, 1, 6),
      keyedClicks('b', minute, 1, 7),
      keyedClicks('b', minute, 1, 7),
      keyedClicks('b', minute, 1, 8),
      keyedClicks('c', minute - KEY_DAYS * DAY_MINUTES - 10, 1, 9),
    ]
    const { repeated, conflicts, expired } = await store(batch(2, bulks))
    expect([repeated, conflicts, expired]).to.deep.equal([[12, 0, 0], [bulks[1], bulks[4]], [bulks[5]]])
    expect(await store(batch(2, bulks))).to.deep.include({ rows: 0, repeated, conflicts, expired })
    expect(await storedRows()).to.deep.equal([[1, minute, 12]])
  })

  it('stores none that has waited for longer than its key is known, unless its fate is known', async () => {
    const oldMinute = minute - KEY_DAYS * DAY_MINUTES - 10
    const [young, old] = [keyedClicks('a', oldMinute + 20, 1, 5), keyedClicks('b', oldMinute, 1, 6)]
    const first = await store(batch(1, [young, old]))
    expect([first.clicks, first.expired]).to.deep.equal([5, [old]])
    expect(await ledgerStands(clients[0]!, [writer])).to.deep.equal([
      { writer, generation: 1, clicks: [5, 0, 0] },
    ])
    const second = await store(
      batch(2, [keyedClicks('a', oldMinute, 1, 5), keyedClicks('a', oldMinute, 1, 4)]),
    )
    expect([second.repeated, second.conflicts.length, second.expired]).to.deep.equal([[5, 0, 0], 1, []])
    expect(await keys()).to.deep.equal(['a 1'])
  })

  it('comes from four writers at once, each with all keys in an order of its own, without a deadlock', async () => {
    const rounds = 30
    const outcomes = await Promise.all(
      clients.map(async (client, nth) => {
        const own = randomUUID()
        const repeated: number[] = []
        for (let round = 1; round <= rounds; round++) {
          const bulks = Array.from({ length: 40 }, (_, key) =>
            keyedClicks(`${round}-${key}`, minute, key + 1, 1),
          )
          const ordered = nth % 2 === 0 ? bulks : bulks.toReversed()
          repeated.push((await store(batch(round, ordered, [[1, minute, 1]]), own, client)).repeated[VALID])
        }
        return repeated.reduce((sum, clicks) => sum + clicks, 0)
      }),
    )
    expect(outcomes.reduce((sum, clicks) => sum + clicks, 0)).to.equal(3 * 40 * rounds)
    expect(await database.totalClicks()).to.equal(40 * rounds + 4 * rounds)
    expect((await keys()).length).to.equal(40 * rounds)
  })

  const writer = randomUUID()

  async function store(item: Batch, as = writer, client = clients[0]!): Promise<StoredItem> {
    const task = {
      item,
      isUrgent: true,
      mayBeStored: true,
      database: databaseId,
      expected: new Map(),
      triedGeneration: 0,
    }
    const data = { writer: as, batchRows: 7, idempotencyKeyDays: KEY_DAYS } as FlushWorkerData
    const outcome = await storeItem(client, task, data)
    if (outcome.kind !== 'done') throw new Error(`not stored: ${outcome.kind}`)
    return outcome.stored!
  }

  async function storedRows(): Promise<Row[]> {
    const rows = await database.query<{ id: number; minute: number; clicks: number[] }>(
      `SELECT banner_id::int AS id, (extract(epoch FROM minute) / 60)::int AS minute,
              ARRAY[clicks, bots, duplicates]::int[] AS clicks FROM click_minutes ORDER BY 1, 2`,
    )
    return rows.map(({ id, minute, clicks }) => rowOf(id, minute, clicks))
  }

  async function keys(): Promise<string[]> {
    const rows = await database.query<{ key: string }>(
      "SELECT key || ' ' || generation AS key FROM bulk_keys ORDER BY 1",
    )
    return rows.map(({ key }) => key)
  }
})

function batch(generation: number, bulks: readonly KeyedBulk[], rows: readonly Row[] = []): Batch {
  return batchOf(generation, rowsFrom(rows), bulks)
}
