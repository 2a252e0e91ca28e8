import { parentPort, workerData } from 'node:worker_threads'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { FULL, Ring } from '../../lib/ring/ring.ts'
import { CLICK_CLASSES, type ClickClass } from '../../lib/rows/classes.ts'
import { seededRandom } from '../support/random.ts'
import { Barrier } from '../support/worker.ts'

/** What the threads add, and how. Together they begin; each goes on until a generation is reached. */
export interface AddingPlan {
  /** Ids are 1 … banners. */
  readonly banners: number
  /** Of these, 1 … registered are registered. */
  readonly registered: number
  /** So many more are registered, and get no click. */
  readonly unclicked: number
  /** true: every thread takes 1, 2, 3, … in each generation, so that they meet at new slots; false: at random. */
  readonly isInOrder: boolean
  /** Clicks of one add: 1 … clicks. */
  readonly clicks: number
  /** Adds while a thread is inside: 1 … adds. */
  readonly adds: number
  /** At one in so many ticks, a thread puts the clock on by a minute; 0: the clock stands. */
  readonly ticksPerMinute: number
}

export interface AddingThreadData extends AddingPlan {
  readonly memory: SharedMemoryHandle
  readonly threadIndex: number
  readonly barrier: Barrier['handle']
  /** One word: minutes since the epoch. */
  readonly clock: SharedArrayBuffer
  readonly seed: number
  readonly untilGeneration: number
}

export interface AddingThreadResult {
  /** What the ring has accepted. */
  readonly accepted: Sums
  readonly refusals: number
  /** Of these, of registered banners. */
  readonly registeredRefusals: number
}

/** Clicks by `banner minute class`. */
export type Sums = Map<string, number>

export function addTo(
  sums: Sums,
  bannerId: number,
  minute: number,
  clickClass: ClickClass,
  clicks: number,
): void {
  const key = `${bannerId} ${minute} ${clickClass}`
  sums.set(key, (sums.get(key) ?? 0) + clicks)
}

if (workerData !== null) run(workerData as AddingThreadData)

function run(data: AddingThreadData): void {
  const memory = new SharedMemory(data.memory)
  const has = (bannerId: number) => bannerId <= data.registered
  const ring = new Ring(memory, { has, count: data.registered + data.unclicked })
  const generations = new Generations(memory)
  const clock = new Int32Array(data.clock)
  const random = seededRandom(data.seed)
  const accepted: Sums = new Map()
  let refusals = 0
  let registeredRefusals = 0
  let lastGeneration = 0
  let taken = 0
  new Barrier(data.barrier).pass()
  while (lastGeneration < data.untilGeneration) {
    const generation = generations.enter(data.threadIndex)
    if (generation !== lastGeneration) taken = 0
    lastGeneration = generation
    for (let adds = 1 + random(data.adds); adds > 0; adds--) {
      const minute = Atomics.load(clock, 0)
      const bannerId = 1 + (data.isInOrder ? taken++ % data.banners : random(data.banners))
      const clicks = 1 + random(data.clicks)
      const clickClass = CLICK_CLASSES[random(CLICK_CLASSES.length)]!
      if (ring.add(generation % HALF_COUNT, minute, bannerId, clickClass, clicks) !== FULL)
        addTo(accepted, bannerId, minute, clickClass, clicks)
      else {
        refusals++
        if (has(bannerId)) registeredRefusals++
      }
    }
    generations.leave(data.threadIndex, generation)
    if (data.ticksPerMinute > 0 && random(data.ticksPerMinute) === 0) Atomics.add(clock, 0, 1)
  }
  parentPort!.postMessage({ accepted, refusals, registeredRefusals } satisfies AddingThreadResult)
}
