import { mock } from 'node:test'
import { expect } from 'chai'
import fc from 'fast-check'
import { BOT, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { newSeed } from '../support/random.ts'
import { ModelDisk } from './model-disk.ts'
import { COMMITS } from './model-postgres.ts'
import { FAULTS, World } from './model-world.ts'

const SEQUENCES = Number(process.env.CLICKCOUNTER_TEST_MODEL_SEQUENCES ?? 2000)

type Command = fc.AsyncCommand<object, World>

/** Something that may happen, with operands that are drawn at random. */
function command<Operands extends unknown[]>(
  name: string,
  operands: fc.Arbitrary<Operands>,
  act: (world: World, ...operands: Operands) => void | Promise<void>,
): fc.Arbitrary<Command> {
  return operands.map(drawn => ({
    check: () => true,
    run: async (_, world) => act(world, ...drawn),
    toString: () => `${name}(${drawn.map(operand => JSON.stringify(operand)).join(', ')})`,
  }))
}

const nothing = fc.constant<[]>([])
/** Which part of a write gets through. Nothing and all come often: these and the edges of records teach most. */
const part = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }))
const few = fc.nat({ max: 2 })
const refusal = fc.record({ writes: few, syncs: few, unlinks: few, renames: few, reads: few, part })
const someSteps = fc.nat({ max: 25 })
const fewSteps = fc.nat({ max: 8 })
const commits = fc.array(fc.constantFrom(...COMMITS), { maxLength: 3 })
/** Most are valid: with others, fewer files could be of version 1. */
const clickClass = fc.constantFrom(VALID, VALID, VALID, BOT, DUPLICATE)
const click = command(
  'click',
  fc.tuple(fc.nat({ max: 1 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1000 }), clickClass),
  (world, ...operands) => world.click(...operands),
)
/** Only bulks have these banners. With their twins they are up to six, which is more than the narrower ring takes. */
const bulk = command(
  'bulk',
  fc.tuple(
    fc.nat({ max: 1 }),
    fc.uniqueArray(fc.integer({ min: 11, max: 13 }), { minLength: 1 }),
    fc.integer({ min: 1, max: 1000 }),
    clickClass,
  ),
  (world, ...operands) => world.bulk(...operands),
)
const endTick = command('endTick', nothing, world => world.endTick())
/** Scenes that lead to rare states, which few sequences would reach by chance. */
const scenes = [
  command('refuseTickAndRestart', fc.tuple(refusal), async (world, refused) => {
    world.click(0, 1, 1)
    await world.endTick()
    world.refuse(refused)
    world.click(0, 2, 10)
    await world.endTick()
    await world.restart(Number.POSITIVE_INFINITY, 0)
  }),
  command('killInFlush', fc.tuple(fewSteps, part, commits), async (world, steps, write, planned) => {
    for (const thread of [0, 1]) world.click(thread, 3, 100)
    world.bulk(0, [11], 10)
    await world.endTick()
    world.killAfter(steps, write)
    await world.flush('stored', planned)
  }),
  command(
    'collectWhileStoring',
    fc.tuple(fc.option(fewSteps), part, commits),
    async (world, steps, write, planned) => {
      for (const thread of [0, 1]) world.click(thread, 5, 10_000)
      await world.endTick()
      world.killAfter(steps ?? Number.POSITIVE_INFINITY, write)
      await world.collectWhileStoring(7, planned)
    },
  ),
  command(
    'goBackInReplay',
    fc.tuple(fc.integer({ min: 1, max: 4 }), fewSteps, part, commits, fc.option(fc.nat({ max: 2 }))),
    async (world, back, steps, write, planned, to) => {
      for (const clicks of [100_000, 200_000, 400_000]) {
        world.click(0, 6, clicks)
        await world.endTick()
        await world.flush('stored', [])
      }
      world.postgres.goBack(back)
      world.click(1, 6, 1_000_000)
      await world.endTick()
      world.killAfter(steps, write)
      await world.flush('stored', planned)
      if (to === null) world.postgres.goBack(back)
      else world.postgres.failOver(to)
    },
  ),
  command(
    'refuseMovesAndGoBack',
    fc.tuple(refusal, fc.integer({ min: 1, max: 4 })),
    async (world, refused, back) => {
      for (const clicks of [10_000_000, 20_000_000, 40_000_000]) {
        world.click(0, 7, clicks)
        await world.endTick()
        if (clicks === 10_000_000) world.refuse({ ...refused, writes: 0, syncs: 0 })
        await world.flush('stored', [])
      }
      world.postgres.goBack(back)
      await world.flush('stored', [])
      await world.stop()
    },
  ),
  command(
    'goBackBehindEndedWriters',
    fc.tuple(fc.integer({ min: 2, max: 8 }), fc.option(someSteps), part),
    async (world, back, steps, write) => {
      for (const bannerId of [7, 8]) {
        world.click(0, bannerId, 1)
        await world.endTick()
        await world.flush('stored', [])
        await world.restart(Number.POSITIVE_INFINITY, 0)
      }
      for (const clicks of [10, 100]) {
        world.click(0, 9, clicks)
        await world.endTick()
        await world.flush('stored', [])
        world.postgres.goBack(back)
      }
      world.click(1, 9, 1000)
      await world.endTick()
      world.killAfter(steps ?? Number.POSITIVE_INFINITY, write)
      await world.flush('stored', [])
      world.postgres.goBack(back)
    },
  ),
  command('killInRecovery', fc.tuple(fewSteps, commits), async (world, steps, planned) => {
    for (const thread of [0, 1]) world.click(thread, 4, 1000)
    await world.endTick()
    world.postgres.plan(planned)
    await world.restart(steps, 0)
    await world.flush('stored', planned)
    await world.restart(Number.POSITIVE_INFINITY, 0)
  }),
]
const commands = [
  ...scenes,
  click,
  click,
  bulk,
  endTick,
  endTick,
  command('flush', fc.tuple(commits), (world, planned) => world.flush('stored', planned)),
  command('collect', nothing, world => world.flush('collected', ['refused'])),
  command('refuse', fc.tuple(refusal), (world, ...operands) => world.refuse(...operands)),
  command('killAfter', fc.tuple(someSteps, part), (world, ...operands) => world.killAfter(...operands)),
  command('restart', fc.tuple(fc.option(someSteps), part), (world, steps, write) =>
    world.restart(steps ?? Number.POSITIVE_INFINITY, write),
  ),
  command('goBack', fc.tuple(fc.integer({ min: 1, max: 6 })), (world, commits) =>
    world.postgres.goBack(commits),
  ),
  command('failOver', fc.tuple(fc.nat({ max: 3 })), (world, to) => world.postgres.failOver(to)),
  command('lead', fc.tuple(fc.nat({ max: 1 })), (world, to) => world.postgres.lead(to)),
  command('ageJournal', nothing, world => world.ageJournal()),
  command('leaveToNewer', fc.tuple(fc.nat({ max: 7 })), (world, nth) => world.leaveToNewer(nth)),
  command('copy', fc.tuple(fc.nat({ max: 2 })), (world, next) => world.copy(next)),
  command(
    'dieInBulk',
    fc.tuple(fc.nat({ max: 1 }), fc.integer({ min: 11, max: 13 }), fc.constant(1), fc.boolean(), clickClass),
    async (world, ...operands) => {
      await world.endTick()
      world.dieInBulk(...operands)
    },
  ),
  command('evict', fc.tuple(fc.nat({ max: 500 })), (world, bytes) => world.evict(bytes)),
  command('stop', nothing, world => world.stop()),
  command('passMinute', nothing, world => world.passMinute()),
]

describe('any sequence of clicks, flushes, failures and kills', function () {
  this.timeout(120_000)
  let disk: ModelDisk
  before(() => {
    disk = new ModelDisk()
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  })
  after(() => {
    mock.timers.reset()
    disk[Symbol.dispose]()
  })

  it('counts every acknowledged click exactly once', async () => {
    const seed = Number(process.env.CLICKCOUNTER_TEST_MODEL_SEED ?? newSeed())
    let acknowledged = 0
    const settings = fc.record({
      sync: fc.constantFrom('write', 'fsync'),
      isCompacting: fc.boolean(),
      maxBanners: fc.constantFrom(4, 16),
      faults: fc.constantFrom(...FAULTS),
    })
    await fc.assert(
      fc.asyncProperty(settings, fc.commands(commands, { maxCommands: 40 }), async (setting, sequence) => {
        const world = new World(disk, setting)
        try {
          await world.restart(Number.POSITIVE_INFINITY, 0)
          await fc.asyncModelRun(() => ({ model: {}, real: world }), sequence)
          await world.expectExactlyOnce()
          acknowledged += world.acknowledged
        } finally {
          await world.dispose()
        }
      }),
      { seed, numRuns: SEQUENCES, endOnFailure: true },
    )
    console.log(`      ${SEQUENCES} sequences, seed ${seed}: ${acknowledged} acknowledged, lost 0, doubled 0`)
    expect(acknowledged).to.be.greaterThan(0)
  })
})
