import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { printedSeed } from './flush-support.ts'
import { DEATHS, FlusherModel, STORINGS } from './flusher-model.ts'

/** Longer than any back-off. */
const LONG_MS = 11_000

type Event = (model: FlusherModel) => void

const thread = fc.nat(1)
const clicks = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(2 ** 30) },
)

/** All that can happen, the likelier things first. Each event prints as its name and arguments. */
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(named('step', model => model.step())) },
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
  { weight: 1, arbitrary: thread.map(index => named(`die ${index}`, model => model.die(index))) },
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
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1e12 }))
  afterEach(() => mock.timers.reset())

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
    await fc.assert(property, { numRuns: 1000, seed: printedSeed('the flusher') })
  })
})

/** Everything goes well from now on, and everything is stored. */
async function end(model: FlusherModel): Promise<void> {
  model.flusher.allowStoring()
  model.fates.length = 0
  for (const threadIndex of [0, 1]) model.leave(threadIndex)
  let isDrained = false
  const drained = model.flusher.drain(new AbortController().signal).then(leftover => {
    isDrained = true
    return leftover
  })
  while (!isDrained) {
    model.step()
    if (model.isIdle) mock.timers.tick(LONG_MS)
    await turn()
    model.check()
  }
  expect(await drained).to.deep.equal({ clicks: 0, isAllStored: true })
  model.checkEnd()
  expect(model.openAsks, 'asks without an answer').to.equal(0)
}

/** All that can happen without time passing has happened. */
async function turn(): Promise<void> {
  await setImmediate()
  await setImmediate()
}

function named(name: string, event: Event): Event {
  return Object.assign(event, { toString: () => name, [fc.toStringMethod]: () => name })
}
