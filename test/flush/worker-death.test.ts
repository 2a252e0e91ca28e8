import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { CONTROL, HALF_COUNT } from '../../lib/memory/layout.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Passage, type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { seededRandom } from '../support/random.ts'
import { until } from '../support/until.ts'
import {
  ClickStream,
  cleanUpAfterTest,
  expectExactlyOnce,
  type Flushing,
  FREE_THREAD,
  printedSeed,
  startFlushing,
  watchWorkers,
} from './flush-support.ts'

const LATE_BANNER_ID = 2 ** 31 - 1

describe('a flush worker that dies', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let flushing: Flushing
  let stream: ClickStream
  let watch: ReturnType<typeof watchWorkers>
  before(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
  })
  beforeEach(async () => {
    await database.query('TRUNCATE click_minutes')
    proxy.judge = () => 'pass'
    watch = watchWorkers()
    flushing = startFlushing(proxy.server)
    stream = new ClickStream(flushing)
    await until(() => flushing.balance().stored > 0)
  })
  afterEach(async () => {
    watch[Symbol.dispose]()
    await cleanUpAfterTest()
  })
  after(async () => {
    await proxy.close()
    await database.drop()
  })

  async function expectNothingLost(): Promise<void> {
    await stream.stop()
    await flushing.finish()
    expect(stream.refused).to.deep.equal([])
    await expectExactlyOnce(database, [stream])
    const { i32 } = flushing.memory
    // No flip is lost, and none is made twice.
    expect(Atomics.load(i32, CONTROL.generation)).to.equal(Atomics.load(i32, CONTROL.collectedGeneration) + 1)
  }

  it('between two flushes is replaced, and costs no click', async () => {
    for (let death = 1; death <= 3; death++) {
      await watch.terminate()
      const { stored } = flushing.balance()
      await until(() => flushing.balance().stored > stored)
      expect(watch.startedCount).to.equal(1 + death)
    }
    await expectNothingLost()
  })

  it('after the flip, while a thread is still inside, costs no click, not even with its successor', async () => {
    const generation = flushing.generations.enter(FREE_THREAD)
    await until(() => flushing.generations.current > generation)
    for (let death = 1; death <= 2; death++) {
      await watch.terminate()
      await until(() => watch.startedCount === 1 + death)
    }
    // Long enough for the last successor to go on to the next generation, if it did not wait as well.
    await setTimeout(300)
    expect(flushing.generations.current).to.equal(generation + 1)
    const half = generation % HALF_COUNT
    flushing.ring.add(half, Math.floor(Date.now() / 60_000), LATE_BANNER_ID, VALID, 1)
    new ThreadBooks(flushing.memory, FREE_THREAD, Date.now).accept(half, [1, 0, 0])
    flushing.generations.leave(FREE_THREAD, generation)
    stream.acknowledged.push(LATE_BANNER_ID)
    await expectNothingLost()
  })

  const points: { when: string; at: Omit<Passage, 'begin'> }[] = [
    { when: 'after the rows, before the transaction', at: { sql: 'BEGIN', stage: 'sent' } },
    { when: 'within the transaction', at: { sql: 'BEGIN', stage: 'answered' } },
    { when: 'before COMMIT', at: { sql: 'COMMIT', stage: 'sent' } },
    { when: 'after COMMIT, before it can tell', at: { sql: 'COMMIT', stage: 'answered' } },
  ]
  for (const { when, at } of points)
    it(`${when} costs no click and doubles none, not even with its successors`, async () => {
      for (let death = 1; death <= 3; death++) {
        const reached = Promise.withResolvers<void>()
        proxy.judge = ({ sql, stage }) => {
          if (!sql.startsWith(at.sql) || stage !== at.stage) return 'pass'
          reached.resolve()
          return 'hold'
        }
        await reached.promise
        await watch.terminate()
      }
      proxy.judge = () => 'pass'
      await expectNothingLost()
    })

  it('while it starts is replaced as well', async () => {
    await watch.terminate()
    await until(() => watch.startedCount === 2)
    await watch.terminate()
    await until(() => watch.startedCount === 3)
    await expectNothingLost()
  })

  it('at any moment costs no click and doubles none', async () => {
    const random = seededRandom(printedSeed('deaths'))
    for (let death = 1; death <= 12; death++) {
      const { stored } = flushing.balance()
      await until(() => flushing.balance().stored > stored)
      await setTimeout(random(20))
      await watch.terminate()
    }
    await expectNothingLost()
  })
})
