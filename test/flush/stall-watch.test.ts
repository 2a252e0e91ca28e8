import { mock } from 'node:test'
import { expect } from 'chai'
import { raisedConditions } from '../../lib/books/conditions.ts'
import { STALL_MS } from '../../lib/flush/stall-watch.ts'
import { CONTROL } from '../../lib/memory/layout.ts'
import { createTestDatabase } from '../support/database.ts'
import { cleanUpAfterTest, startFlushing } from './flush-support.ts'
import type { FlusherModel } from './flusher-model.ts'
import { click, readyModel, runUntilIdle, settle, stopTime } from './flusher-steps.ts'
import type { Task } from './worker-model.ts'

describe('a flush that hangs', () => {
  stopTime()

  for (const task of ['collecting', 'storing'] as Task[])
    it(`is told while ${task} goes on for longer than its limits allow, and until it has ended`, async () => {
      const model = await modelThatIs(task)
      mock.timers.tick(STALL_MS)
      expect(stalls(model)).to.deep.equal([])
      mock.timers.tick(1000)
      expect(stalls(model)).to.have.length(1)
      expect(stalls(model)[0]!.text).to.include(`with ${task} for 12 s`)
      const { sinceMs } = stalls(model)[0]!
      mock.timers.tick(60_000)
      expect(stalls(model)[0]).to.have.property('sinceMs', sinceMs)
      await runUntilIdle(model)
      mock.timers.tick(1000)
      expect(stalls(model)).to.deep.equal([])
    })

  it('is not taken for one while Postgres answers, however long it takes in all', async () => {
    const model = await modelThatIs('storing')
    for (let answer = 0; answer < 20; answer++) {
      mock.timers.tick(STALL_MS - 1000)
      expect(stalls(model)).to.deep.equal([])
      Atomics.add(model.memory.i32, CONTROL.databaseAnswers, 1)
    }
    mock.timers.tick(1000)
    mock.timers.tick(STALL_MS + 1000)
    expect(stalls(model)).to.have.length(1)
  })

  it('is told though storing goes on, when it is collecting that hangs', async () => {
    const model = await modelThatIs('collecting')
    for (let second = 0; second * 1000 <= STALL_MS; second++) {
      Atomics.add(model.memory.i32, CONTROL.databaseAnswers, 1)
      mock.timers.tick(1000)
    }
    expect(stalls(model)).to.have.length(1)
  })
})

describe('the answers that a store waits for', () => {
  afterEach(cleanUpAfterTest)

  it('are counted one by one', async () => {
    const database = await createTestDatabase()
    const flushing = startFlushing(database.server)
    const answers = () => Atomics.load(flushing.memory.i32, CONTROL.databaseAnswers)
    await flushing.record(1)
    await flushing.flush()
    const before = answers()
    // Three INSERTs.
    await Promise.all(Array.from({ length: 4001 }, (_, nth) => flushing.record(nth + 1)))
    await flushing.flush()
    expect(answers() - before).to.be.within(6, 8)
    await flushing.finish()
    await database.drop()
  })
})

/** Its worker has begun with the task, and stays in it until the test steps on. */
async function modelThatIs(task: Task): Promise<FlusherModel> {
  const model = await readyModel()
  click(model)
  model.ask('collected')
  if (task === 'collecting') return model
  for (let step = 0; step < 2; step++) {
    model.worker.step('collecting')
    await settle()
  }
  return model
}

function stalls(model: FlusherModel) {
  return raisedConditions(model.memory).filter(({ name }) => name === 'flush_stalled')
}
