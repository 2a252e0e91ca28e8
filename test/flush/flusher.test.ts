import { mock } from 'node:test'
import { expect } from 'chai'
import { LONG_ROWS } from '../../lib/flush/backlog.ts'
import type { FilesUnit } from '../../lib/journal/files/item.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import { noJournal } from '../support/no-journal.ts'
import { FlusherModel } from './flusher-model.ts'
import {
  click,
  end,
  LONG_MS,
  REFUSED,
  ROOMY,
  readyModel,
  runUntilIdle,
  settle,
  stopTime,
} from './flusher-steps.ts'

describe('the flusher', () => {
  stopTime()

  it('collects and stores one at a time, and once for all asks that come meanwhile', async () => {
    const model = await readyModel()
    const { collecting, storing } = model.worker.taskCounts
    for (let round = 1; round <= 3; round++) {
      click(model)
      for (let ask = 0; ask < 100; ask++) model.ask('stored')
      await runUntilIdle(model)
      expect(model.worker.taskCounts).to.deep.equal({
        collecting: collecting + round,
        storing: storing + round,
      })
      expect(model.openAsks).to.equal(0)
    }
  })

  it('flushes once more for asks that come while a task runs, since that task may have missed their clicks', async () => {
    const model = await readyModel()
    const { collecting, storing } = model.worker.taskCounts
    click(model)
    model.ask('stored')
    model.worker.step('collecting')
    await settle()
    // The ring has been read; this click is in the next generation.
    click(model)
    for (let ask = 0; ask < 100; ask++) model.ask('stored')
    await runUntilIdle(model)
    expect(model.balance).to.deep.equal({ accepted: 2, stored: 2, pending: 0, lost: 0 })
    expect(model.worker.taskCounts).to.deep.equal({ collecting: collecting + 2, storing: storing + 2 })
    expect(model.openAsks).to.equal(0)
  })

  it('collects nothing for an ask when everything is stored', async () => {
    const model = await readyModel()
    click(model)
    model.ask('stored')
    await runUntilIdle(model)
    const taskCounts = { ...model.worker.taskCounts }
    model.ask('stored')
    await runUntilIdle(model)
    expect(model.openAsks).to.equal(0)
    expect(model.worker.taskCounts).to.deep.equal(taskCounts)
  })

  it('goes on collecting while Postgres keeps a try waiting, and stores all of that at once', async () => {
    const model = await readyModel()
    const { storing } = model.worker.taskCounts
    for (let round = 0; round < 5; round++) {
      click(model)
      model.ask('collected')
      for (let step = 0; step < 2; step++) {
        model.worker.step('collecting')
        await settle()
      }
      expect(model.openAsks).to.equal(0)
    }
    expect(model.balance).to.deep.equal({ accepted: 5, stored: 0, pending: 5, lost: 0 })
    await runUntilIdle(model)
    expect(model.balance).to.deep.equal({ accepted: 5, stored: 5, pending: 0, lost: 0 })
    expect(model.worker.taskCounts.storing).to.equal(storing + 2)
  })

  it('collects again at once when the interval has passed while a generation was collected', async () => {
    const model = await readyModel()
    click(model)
    mock.timers.tick(1000)
    model.worker.step('collecting')
    await settle()
    // In the next generation: the worker has flipped, and only the hand-over is left.
    click(model)
    mock.timers.tick(1000)
    await runUntilIdle(model)
    expect(model.balance).to.deep.equal({ accepted: 2, stored: 2, pending: 0, lost: 0 })
  })

  it('shows in the books what was lost from a file of its own', async () => {
    const spill = ({ generation, totals }: Batch): FilesUnit => ({
      kind: 'files',
      writer: '',
      generation,
      names: [],
      isOwn: true,
      isAdopted: false,
      totals,
    })
    const model = new FlusherModel({ ...ROOMY, maxBanners: LONG_ROWS, journal: noJournal({ spill }) })
    model.flusher.allowStoring()
    await runUntilIdle(model)
    // The first one is refused. The second one waits, and is long. With the third one, the second one becomes a file.
    for (const banners of [1, LONG_ROWS, 1]) {
      model.worker.fates.push(REFUSED, REFUSED)
      for (let bannerId = 1; bannerId <= banners; bannerId++) model.threads.add(0, bannerId, 0, 1)
      model.threads.leave(0)
      model.ask('collected')
      await runUntilIdle(model)
      model.worker.fates.length = 0
    }
    model.worker.damagedClicks = 3
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    const accepted = LONG_ROWS + 2
    expect(model.balance).to.deep.equal({ accepted, stored: accepted - 3, pending: 0, lost: 3 })
  })

  it('asks an idle Postgres every 5 s whether it is there', async () => {
    const model = await readyModel()
    const { storing } = model.worker.taskCounts
    for (const [passedMs, pings] of [
      [4999, 0],
      [1001, 1],
      [6000, 2],
    ] as const) {
      mock.timers.tick(passedMs)
      await runUntilIdle(model)
      expect(model.worker.taskCounts.storing - storing).to.equal(pings)
    }
  })

  it('tells of a worker that died over such a ping until the next one is answered, and not for longer', async () => {
    const model = await readyModel()
    model.worker.fates.push({ death: 'at once', storing: 'stored' })
    mock.timers.tick(6000)
    await runUntilIdle(model)
    expect(model.lastError).to.equal('flush worker, storing: the worker died at once')
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    expect(model.lastError).to.equal(null)
  })

  it('keeps in the ring what it has no memory for', async () => {
    const model = new FlusherModel(ROOMY)
    click(model)
    model.ask('collected')
    await runUntilIdle(model)
    model.worker.handOver = batch => ({
      ...batch,
      get minutes(): never {
        throw new RangeError('Array buffer allocation failed')
      },
    })
    click(model)
    model.ask('collected')
    await runUntilIdle(model)
    model.check()
    expect(model.balance).to.deep.equal({ accepted: 2, stored: 0, pending: 2, lost: 0 })
    model.worker.handOver = batch => batch
    await end(model)
  })

  it('gives a drain up at its signal, and starts nothing after it', async () => {
    const model = new FlusherModel(ROOMY)
    model.flusher.allowStoring()
    click(model)
    model.worker.fates.push(...Array.from({ length: 1000 }, () => REFUSED))
    const stopping = new AbortController()
    const drained = model.flusher.drain(stopping.signal)
    for (let round = 0; round < 5; round++) {
      await runUntilIdle(model)
      mock.timers.tick(LONG_MS)
    }
    await settle()
    expect(model.worker.isIdle, 'a task that runs on').to.equal(false)
    stopping.abort()
    expect(await drained).to.include({ clicks: 1 })
    const taskCounts = { ...model.worker.taskCounts }
    await runUntilIdle(model)
    mock.timers.tick(LONG_MS)
    await settle()
    expect(model.worker.taskCounts).to.deep.equal(taskCounts)
    expect(model.worker.isIdle).to.equal(true)
  })

  it('ends a drain at once when nothing is left but its row in the ledger, and Postgres is away', async () => {
    const model = await readyModel(noJournal({ hasClicks: () => false }))
    model.worker.fates.push(...Array.from({ length: 1000 }, () => REFUSED))
    const drained = model.flusher.drain(new AbortController().signal)
    for (let task = 0; task < 2; task++) await runUntilIdle(model)
    expect(await drained).to.deep.equal({ clicks: 0, isAllStored: true })
  })

  it('gives a drain up whose signal came before it', async () => {
    const model = new FlusherModel(ROOMY)
    click(model)
    expect(await model.flusher.drain(AbortSignal.abort())).to.include({ clicks: 1 })
  })
})
