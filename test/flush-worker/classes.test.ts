import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import { ledgerStands } from '../../lib/flush-worker/ledger.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { readGeneration } from '../../lib/journal/files/batch-file.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { BOT, CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { storeAs } from '../flush/flush-support.ts'
import { MINUTE, newRecorder } from '../ingest/new-recorder.ts'
import { temporaryDirectory, WRITER } from '../journal/journal-support.ts'
import { bulkOfClass } from '../support/bulk-of-class.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { unreadable } from '../support/reading.ts'
import { type Row, rowOf, rowsOf } from '../support/rows.ts'

const BANNERS = 40
const ADDS = 300
const GENERATIONS = 4
/** Several statements for each batch. */
const BATCH_ROWS = 7

describe('clicks of all classes', () => {
  let database: TestDatabase
  let client: pg.Client
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
  })
  after(async () => {
    discard(client)
    await database.drop()
  })

  it('come from the ring into columns of their own, and are summed up in the ledger', async () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: BANNERS })
    const [ring, generations, writer, added] = [
      new Ring(memory),
      new Generations(memory),
      randomUUID(),
      new Sums(),
    ]
    for (let collected = 0; collected < GENERATIONS; collected++) {
      for (let add = 0; add < ADDS; add++) {
        const minute = MINUTE + random(3)
        const bannerId = 1 + random(BANNERS)
        const clickClass = CLICK_CLASSES[random(CLICK_CLASSES.length)]!
        const clicks = 1 + random(5)
        ring.add(generations.current % HALF_COUNT, minute, bannerId, clickClass, clicks)
        added.add(minute, bannerId, clickClass, clicks)
      }
      const { batch } = await collect(memory, ring, generations, collected, unreadable)
      await storeAs(client, writer, batch, BATCH_ROWS)
    }
    expect(await storedRows(), `seed ${seed}`).to.deep.equal(rowsOf(added.rows()))
    const [valid, bots, duplicates] = added.totals
    expect(
      await database.query('SELECT clicks::int, bots::int, duplicates::int FROM click_ledger'),
    ).to.deep.equal([{ clicks: valid! + bots! + duplicates!, bots, duplicates }])
    expect(await ledgerStands(client, [writer])).to.deep.equal([
      { writer, generation: GENERATIONS, clicks: [valid, bots, duplicates] },
    ])
  })

  it('come from the journal, too, when a thread died in their generation', async () => {
    using directory = temporaryDirectory()
    const segment = new Segment({ directory: directory.path, writer: WRITER, sync: 'write', threadIndex: 0 })
    const { memory, ring, generations, recorder } = newRecorder({ journal: segment })
    const seed = newSeed()
    const random = seededRandom(seed)
    const added = new Sums()
    for (let tick = 0; tick < 20; tick++) {
      const answers = Array.from({ length: 1 + random(4) }, (_, banner) => {
        const bannerId = 1 + 10 * banner + random(10)
        const clickClass = CLICK_CLASSES[random(CLICK_CLASSES.length)]!
        const clicks = 1 + random(5)
        added.add(MINUTE, bannerId, clickClass, clicks)
        return random(2) === 0
          ? recorder.record(bannerId, clickClass, clicks)
          : recorder.recordAll(bulkOfClass(clickClass, { pairs: Int32Array.of(bannerId, clicks), clicks }))
      })
      await Promise.all(answers)
    }
    segment.close()
    generations.enter(0)
    ring.add(1, MINUTE, 99, BOT, 7)
    generations.release(0)
    const read = (generation: number) => readGeneration(directory.path, WRITER, generation)
    const { batch } = await collect(memory, ring, generations, 0, read)
    expect(rowsOf(batch), `seed ${seed}`).to.deep.equal(rowsOf(added.rows()))
  })

  async function storedRows(): Promise<Row[]> {
    const rows = await database.query<{ id: number; minute: number; clicks: string[] }>(
      `SELECT banner_id::int AS id, (extract(epoch FROM minute) / 60)::int AS minute,
              ARRAY[clicks, bots, duplicates]::text[] AS clicks
       FROM click_minutes ORDER BY 1, 2`,
    )
    return rows.map(({ id, minute, clicks }) => rowOf(id, minute, clicks.map(Number)))
  }
})
