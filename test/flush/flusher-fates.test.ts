import { mock } from 'node:test'
import fc from 'fast-check'
import { CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { printedSeed } from './flush-support.ts'
import { FlusherModel } from './flusher-model.ts'
import { end, settle, stopTime } from './flusher-steps.ts'
import { DEATHS, STORINGS, type Task } from './worker-model.ts'

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
      .map(task => named(`step ${task}`, model => model.worker.step(task))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        thread,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(2),
        clicks,
        fc.constantFrom(...CLICK_CLASSES),
        fc.boolean(),
      )
      .map(([threadIndex, bannerId, minute, by, clickClass, isWholeTick]) =>
        named(`add ${threadIndex} ${bannerId} ${minute} ${by} ${clickClass} ${isWholeTick}`, model => {
          model.threads.add(threadIndex, bannerId, minute, by, clickClass)
          if (isWholeTick) model.threads.leave(threadIndex)
        }),
      ),
  },
  { weight: 3, arbitrary: thread.map(index => named(`leave ${index}`, model => model.threads.leave(index))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(thread, fc.constantFrom('not journaled' as const, 0, 1, 2, 3))
      .map(([index, booked]) => named(`die ${index} ${booked}`, model => model.threads.die(index, booked))),
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
      .map(fate => named(`fate ${fate.death} ${fate.storing}`, model => model.worker.fates.push(fate))),
  },
  { weight: 1, arbitrary: fc.constant(named('allow storing', model => model.flusher.allowStoring())) },
)

describe('the flusher, whatever happens in whichever order,', () => {
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
          await settle()
          model.check()
        }
        await end(model)
      },
    )
    await fc.assert(property, { numRuns: 500, seed: printedSeed('the flusher') })
  })
})

function named(name: string, event: Event): Event {
  return Object.assign(event, { toString: () => name, [fc.toStringMethod]: () => name })
}
