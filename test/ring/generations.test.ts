import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { CONTROL, HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { beforeOperation } from '../support/atomics.ts'
import { Barrier, startWorker, watch, within } from '../support/worker.ts'
import type { EnteringThreadData, EnteringThreadResult } from './entering-thread.ts'
import { Stepper } from './stepper.ts'

const QUIET_TIMEOUT_MS = 5000

describe('generations', () => {
  it('begin with 1 and go up by one a flip', () => {
    const { generations } = newGenerations()
    expect(generations.current).to.equal(1)
    generations.flip(1)
    generations.flip(2)
    expect(generations.current).to.equal(3)
  })

  it("refuse a second flusher's flip", () => {
    const { generations } = newGenerations()
    generations.flip(1)
    expect(() => generations.flip(1)).to.throw('two flushes at once: expected generation 1, found 2')
    expect(generations.current).to.equal(2)
  })

  it('end in an error, not in a number that wraps', () => {
    const { memory, generations } = newGenerations()
    Atomics.store(memory.i32, CONTROL.generation, 2 ** 31 - 2)
    generations.flip(2 ** 31 - 2)
    expect(() => generations.flip(2 ** 31 - 1)).to.throw('start it again')
    expect(generations.current).to.equal(2 ** 31 - 1)
  })

  it('are quiet at once when nobody is in them', async () => {
    const { generations } = newGenerations()
    generations.flip(1)
    await within(QUIET_TIMEOUT_MS, 'quiet', generations.quiet(1))
  })

  it('are quiet when the last of several threads has left, those in the next one notwithstanding', async () => {
    const { generations } = newGenerations(3)
    for (const threadIndex of [0, 2]) expect(generations.enter(threadIndex)).to.equal(1)
    generations.flip(1)
    expect(generations.enter(1)).to.equal(2)
    const quiet = watch(generations.quiet(1))
    generations.leave(0, 1)
    await manyTicks()
    expect(quiet.isDone).to.equal(false)
    generations.leave(2, 1)
    await within(QUIET_TIMEOUT_MS, 'quiet', quiet.done)
  })

  it('wait for a thread that died in them until it is released', async () => {
    const { memory, generations } = newGenerations(2)
    const dying = startWorker<number>(new URL('./inside-thread.ts', import.meta.url), {
      memory: memory.handle,
      threadIndex: 1,
    })
    expect(await dying.result).to.equal(1)
    generations.flip(1)
    const quiet = watch(generations.quiet(1))
    await dying.end()
    await manyTicks()
    expect(quiet.isDone, 'before the release').to.equal(false)
    generations.release(1)
    await within(QUIET_TIMEOUT_MS, 'quiet', quiet.done)
  })

  /**
   * A flush is three operations here: the flip, the look at the presence, the going to sleep on it. Each
   * comes at every place between the operations of a thread that enters and leaves.
   */
  it('keep both promises however the steps of a thread and of a flush interleave', async function () {
    this.timeout(60_000)
    const { memory, generations } = newGenerations()
    const stepper = new Stepper(memory)
    try {
      const mostSteps = 10
      for (let flipAt = 0; flipAt <= mostSteps; flipAt++)
        for (let lookAt = flipAt; lookAt <= mostSteps; lookAt++)
          for (let sleepAt = lookAt; sleepAt <= mostSteps; sleepAt++)
            await interleave(memory, generations, stepper, { flipAt, lookAt, sleepAt })
    } finally {
      await stepper.end()
    }
  })

  it('never let a thread into a half that the flusher has waited for', async () => {
    const threadCount = 2
    const untilGeneration = 5000
    const { memory, generations } = newGenerations(threadCount)
    const owners = new Int32Array(new SharedArrayBuffer(HALF_COUNT * 4))
    owners[1] = 1
    const barrier = Barrier.for(threadCount + 1)
    const threads = Array.from({ length: threadCount }, (_, threadIndex) =>
      startWorker<EnteringThreadResult>(new URL('./entering-thread.ts', import.meta.url), {
        memory: memory.handle,
        threadIndex,
        barrier: barrier.handle,
        owners: owners.buffer,
        untilGeneration,
      } satisfies EnteringThreadData),
    )
    try {
      barrier.pass()
      for (let generation = 1; generation < untilGeneration; generation++) {
        Atomics.store(owners, (generation + 1) % HALF_COUNT, generation + 1)
        generations.flip(generation)
        await within(QUIET_TIMEOUT_MS, `quiet of generation ${generation}`, generations.quiet(generation))
        Atomics.store(owners, generation % HALF_COUNT, 0)
      }
      for (const { result } of threads) expect((await result).inForeignHalf).to.equal(0)
    } finally {
      await Promise.all(threads.map(thread => thread.end()))
    }
  })
})

function newGenerations(threadCount = 1) {
  const memory = SharedMemory.create({ threadCount, maxBanners: 1 })
  return { memory, generations: new Generations(memory) }
}

interface Schedule {
  readonly flipAt: number
  readonly lookAt: number
  readonly sleepAt: number
}

/** One run of the stepped thread; the flush's operations come after so many of the thread's steps. */
async function interleave(
  memory: SharedMemory,
  generations: Generations,
  stepper: Stepper,
  schedule: Schedule,
): Promise<void> {
  const { flipAt, lookAt, sleepAt } = schedule
  const old = generations.current
  let steps = 0
  const stepTo = (target: number) => {
    for (; steps < target; steps++) stepper.step()
  }
  stepper.begin()
  stepTo(flipAt)
  generations.flip(old)
  stepTo(lookAt)
  const quiet = watch(
    beforeOperation(
      'waitAsync',
      () => stepTo(sleepAt),
      () => generations.quiet(old),
    ),
  )
  do {
    await nextTurn()
    if (quiet.isDone)
      expect(stepper.inside, `inside after quiet, ${JSON.stringify(schedule)}`).to.not.equal(old)
  } while (stepper.step())
  await within(QUIET_TIMEOUT_MS, `quiet, ${JSON.stringify(schedule)}`, quiet.done)
  expect(memory.i32[memory.presenceIndex(0)]).to.equal(0)
}

/** Long enough for everything that is already under way in this thread, and more. */
async function manyTicks(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) await nextTurn()
}
