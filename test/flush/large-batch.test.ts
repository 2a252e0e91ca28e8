import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { connect, discard } from '../../db/connection/connect.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seededRandom } from '../support/random.ts'
import { unreadable } from '../support/reading.ts'
import { printedSeed, storeAs } from './flush-support.ts'

const SLOTS = 100_000
const MINUTE = 28_000_000

describe('a batch of 100 000 banners', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())

  it('is collected and stored, new and again, to the last click', async () => {
    const random = seededRandom(printedSeed('banner ids'))
    const bannerIds = new Set<number>()
    while (bannerIds.size < SLOTS) bannerIds.add(1 + random(2 ** 31 - 1))
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: SLOTS })
    const ring = new Ring(memory)
    const generations = new Generations(memory)
    const client = await connect(database.server, 'clickcounter test')
    const writer = randomUUID()
    for (const generation of [1, 2]) {
      for (const bannerId of bannerIds) ring.add(generation % HALF_COUNT, MINUTE, bannerId, VALID, 3)
      const startedAt = performance.now()
      const { batch } = await collect(memory, ring, generations, generation - 1, unreadable)
      const collectedAt = performance.now()
      await storeAs(client, writer, batch)
      const storedAt = performance.now()
      console.log(
        `      collected in ${(collectedAt - startedAt).toFixed()} ms, stored in ${(storedAt - collectedAt).toFixed()} ms`,
      )
      expect(batch).to.include({ generation })
      expect(batch.totals).to.deep.equal([3 * SLOTS, 0, 0])
      const [sums] = await database.query(
        'SELECT count(*)::int, min(clicks)::int, max(clicks)::int FROM click_minutes',
      )
      expect(sums).to.deep.equal({ count: SLOTS, min: 3 * generation, max: 3 * generation })
    }
    discard(client)
  })
})
