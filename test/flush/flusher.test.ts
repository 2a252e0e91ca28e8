import { mock } from 'node:test'
import { expect } from 'chai'
import fc from 'fast-check'
import { LONG_ROWS } from '../../lib/flush/backlog.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import type { FilesUnit } from '../../lib/journal/files/item.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import { noJournal } from '../support/no-journal.ts'
import { printedSeed } from './flush-support.ts'
import { DEATHS, FlusherModel, STORINGS, type Task } from './flusher-model.ts'
import {
  click,
  end,
  LONG_MS,
  REFUSED,
  ROOMY,
  readyModel,
  runUntilIdle,
  stopTime,
  turn,
} from './flusher-steps.ts'

type Event = (model: FlusherModel) => void

const thread = fc.nat(1)
const clicks = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(2 ** 30) },
)

/** All that can happen, the likelier things first. Each event prints as its name and arguments. */
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .constantFrom<Task>('collecting', 'storing')
      .map(task => named(`step ${task}`, model => model.step(task))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(thread, fc.integer({ min: 1, max: 6 }), fc.nat(2), clicks, fc.boolean())
      .map(([threadIndex, bannerId, minute, by, isWholeTick]) =>
        named(`add ${threadIndex} ${bannerId} ${minute} ${by} ${isWholeTick}`, model => {
          model.add(threadIndex, bannerId, minute, by)
          if (isWholeTick) model.leave(threadIndex)
        }),
      ),
  },
  { weight: 3, arbitrary: thread.map(index => named(`leave ${index}`, model => model.leave(index))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(thread, fc.boolean())
      .map(([index, isJournaled]) =>
        named(`die ${index} ${isJournaled}`, model => model.die(index, isJournaled)),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.nat(2000).map(ms => named(`pass ${ms} ms`, () => mock.timers.tick(ms))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('collected' as const, 'stored' as const)
      .map(until => named(`ask ${until}`, model => model.ask(until))),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        death: fc.option(fc.constantFrom(...DEATHS), { freq: 1 }),
        storing: fc.constantFrom(...STORINGS),
      })
      .map(fate => named(`fate ${fate.death} ${fate.storing}`, model => model.fates.push(fate))),
  },
  { weight: 1, arbitrary: fc.constant(named('allow storing', model => model.flusher.allowStoring())) },
)

describe('the flusher', () => {
  stopTime()

  it('loses and doubles nothing, and never changes a batch it has tried, whatever befalls the worker', async () => {
    const options = {
      maxBanners: fc.constantFrom(4, 64),
      maxBacklogBytes: fc.constantFrom(64, 2 ** 30),
    }
    const property = fc.asyncProperty(
      fc.record(options),
      fc.array(event, { minLength: 20, maxLength: 200, size: 'max' }),
      async (options, events) => {
        const model = new FlusherModel(options)
        for (const happen of events) {
          happen(model)
          await turn()
          model.check()
        }
        await end(model)
      },
    )
    await fc.assert(property, { numRuns: 500, seed: printedSeed('the flusher') })
  })

  it('collects and stores one at a time, and once for all who ask meanwhile', async () => {
    const model = await readyModel()
    const { collecting, storing } = model.taskCounts
    for (let round = 1; round <= 3; round++) {
      click(model)
      for (let ask = 0; ask < 100; ask++) model.ask('stored')
      await runUntilIdle(model)
      expect(model.taskCounts).to.deep.equal({ collecting: collecting + round, storing: storing + round })
      expect(model.openAsks).to.equal(0)
    }
  })

  it('flushes once more for who asks while a task runs, since it may have been too late for that one', async () => {
    const model = await readyModel()
    const { collecting, storing } = model.taskCounts
    click(model)
    model.ask('stored')
    model.step('collecting')
    await turn()
    // The ring has been read; this click is in the next generation.
    click(model)
    for (let ask = 0; ask < 100; ask++) model.ask('stored')
    await runUntilIdle(model)
    expect(model.balance).to.deep.equal({ accepted: 2, stored: 2, pending: 0, lost: 0 })
    expect(model.taskCounts).to.deep.equal({ collecting: collecting + 2, storing: storing + 2 })
    expect(model.openAsks).to.equal(0)
  })

  it('goes on collecting while Postgres keeps a try waiting, and stores all of that at once', async () => {
    const model = await readyModel()
    const { storing } = model.taskCounts
    for (let round = 0; round < 5; round++) {
      click(model)
      model.ask('collected')
      for (let step = 0; step < 2; step++) {
        model.step('collecting')
        await turn()
      }
      expect(model.openAsks).to.equal(0)
    }
    expect(model.balance).to.deep.equal({ accepted: 5, stored: 0, pending: 5, lost: 0 })
    await runUntilIdle(model)
    expect(model.balance).to.deep.equal({ accepted: 5, stored: 5, pending: 0, lost: 0 })
    expect(model.taskCounts.storing).to.equal(storing + 2)
  })

  it('collects again at once when the interval has passed while a generation was collected', async () => {
    const model = await readyModel()
    click(model)
    mock.timers.tick(1000)
    model.step('collecting')
    await turn()
    // In the next generation: the worker has flipped, and has only to hand over.
    click(model)
    mock.timers.tick(1000)
    await runUntilIdle(model)
    expect(model.balance).to.deep.equal({ accepted: 2, stored: 2, pending: 0, lost: 0 })
  })

  it('shows in the books what was lost from a file of its own', async () => {
    const spill = ({ generation, totalClicks }: Batch): FilesUnit => ({
      kind: 'files',
      writer: '',
      generation,
      names: [],
      isOwn: true,
      isAdopted: false,
      totalClicks,
    })
    const model = new FlusherModel({ ...ROOMY, maxBanners: LONG_ROWS, journal: noJournal({ spill }) })
    model.flusher.allowStoring()
    await runUntilIdle(model)
    // The first one is refused, so the second waits, and is long: with the third it becomes a file.
    for (const banners of [1, LONG_ROWS, 1]) {
      model.fates.push(REFUSED, REFUSED)
      for (let bannerId = 1; bannerId <= banners; bannerId++) model.add(0, bannerId, 0, 1)
      model.leave(0)
      model.ask('collected')
      await runUntilIdle(model)
      model.fates.length = 0
    }
    model.damagedClicks = 3
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    const accepted = LONG_ROWS + 2
    expect(model.balance).to.deep.equal({ accepted, stored: accepted - 3, pending: 0, lost: 3 })
  })

  it('asks an idle Postgres every 5 s whether it is there', async () => {
    const model = await readyModel()
    const { storing } = model.taskCounts
    for (const [passedMs, pings] of [
      [4999, 0],
      [1001, 1],
      [6000, 2],
    ] as const) {
      mock.timers.tick(passedMs)
      await runUntilIdle(model)
      expect(model.taskCounts.storing - storing).to.equal(pings)
    }
  })

  it('tells of a worker that died over such a question until the next one is answered, and not for longer', async () => {
    const model = await readyModel()
    model.fates.push({ death: 'at once', storing: 'stored' })
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
    model.handOver = batch => ({
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
    model.handOver = batch => batch
    await end(model)
  })

  it('gives a drain up at its signal, and starts nothing after it', async () => {
    const model = new FlusherModel(ROOMY)
    model.flusher.allowStoring()
    click(model)
    model.fates.push(...Array.from({ length: 1000 }, () => REFUSED))
    const stopping = new AbortController()
    const drained = model.flusher.drain(stopping.signal)
    for (let round = 0; round < 5; round++) {
      await runUntilIdle(model)
      mock.timers.tick(LONG_MS)
    }
    await turn()
    expect(model.isIdle, 'a task that runs on').to.equal(false)
    stopping.abort()
    expect(await drained).to.include({ clicks: 1 })
    const taskCounts = { ...model.taskCounts }
    await runUntilIdle(model)
    mock.timers.tick(LONG_MS)
    await turn()
    expect(model.taskCounts).to.deep.equal(taskCounts)
    expect(model.isIdle).to.equal(true)
  })

  it('ends a drain at once when nothing is left but its row in the ledger, and Postgres is away', async () => {
    const model = await readyModel(noJournal({ hasClicks: () => false }))
    model.fates.push(...Array.from({ length: 1000 }, () => REFUSED))
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

describe('collecting', () => {
  it('refuses when somebody else has flipped', async () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 64 })
    const generations = new Generations(memory)
    for (const generation of [1, 2]) generations.flip(generation)
    const outcome = await collect(memory, new Ring(memory), generations, 0, () => null).catch(
      (error: Error) => error.message,
    )
    expect(outcome).to.equal('two flushes at once: expected generation 1, found 3')
  })
})

function named(name: string, event: Event): Event {
  return Object.assign(event, { toString: () => name, [fc.toStringMethod]: () => name })
}
