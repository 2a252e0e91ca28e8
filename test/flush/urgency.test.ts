import { mock } from 'node:test'
import { expect } from 'chai'
import { click, end, LONG_MS, REFUSED, readyModel, runUntilIdle, settle, stopTime } from './flusher-steps.ts'
import { GOOD_FATE } from './worker-model.ts'

describe("the flusher's hurry to store", () => {
  stopTime()

  it('is in no hurry to store, unless somebody asks or it is to end', async () => {
    const model = await readyModel()
    click(model)
    mock.timers.tick(1000)
    await runUntilIdle(model)
    expect(model.worker.urgencies).to.deep.equal([false])
    click(model)
    model.ask('stored')
    await runUntilIdle(model)
    expect(model.worker.urgencies).to.deep.equal([false, true])
    click(model)
    model.ask('collected')
    await runUntilIdle(model)
    expect(model.worker.urgencies).to.deep.equal([false, true, false])
    click(model)
    await end(model)
    expect(model.worker.urgencies).to.deep.equal([false, true, false, true])
  })

  it('hurries to store what had to wait, and after a failure, until it has caught up', async () => {
    const model = await readyModel()
    for (const clicks of [1, 2]) {
      click(model)
      model.ask('collected')
      for (let step = 0; step < 2 * clicks; step++) {
        model.worker.step('collecting')
        await settle()
      }
    }
    await runUntilIdle(model)
    expect(model.worker.urgencies).to.deep.equal([false, true])
    model.worker.fates.push(GOOD_FATE, REFUSED)
    click(model)
    mock.timers.tick(1000)
    await runUntilIdle(model)
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    expect(model.worker.urgencies).to.deep.equal([false, true, false, true])
    click(model)
    mock.timers.tick(1000)
    await runUntilIdle(model)
    expect(model.worker.urgencies.at(-1)).to.equal(false)
  })

  it('is in no hurry with what came out of the ring during a ping', async () => {
    const model = await readyModel()
    mock.timers.tick(5000)
    click(model)
    const { storing } = model.worker.taskCounts
    mock.timers.tick(1000)
    for (const task of ['collecting', 'collecting', 'storing', 'storing'] as const) {
      model.worker.step(task)
      await settle()
    }
    expect(model.worker.taskCounts.storing - storing, 'the ping, then the batch').to.equal(2)
    await runUntilIdle(model)
    expect(model.worker.urgencies).to.deep.equal([false])
  })
})
