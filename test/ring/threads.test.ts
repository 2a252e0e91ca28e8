import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { collect } from '../../lib/flush-worker/collect.ts'
import { HALF_COUNT, MAX_SLOT_CLICKS, MINUTES_PER_HALF } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import { CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { newSeed } from '../support/random.ts'
import { unreadable } from '../support/reading.ts'
import { type Row, rowsOf } from '../support/rows.ts'
import { Barrier, startWorker, within } from '../support/worker.ts'
import {
  type AddingPlan,
  type AddingThreadData,
  type AddingThreadResult,
  addTo,
  type Sums,
} from './adding-thread.ts'

const MINUTE = 28_900_000
const THREADS = 3
const GENERATIONS = 60
const COLLECT_TIMEOUT_MS = 5000

interface Case extends AddingPlan {
  readonly title: string
  readonly maxBanners: number
  /** How often the clock goes on while a generation lasts. */
  readonly minuteEdges: number
  /** Whether adds have to be refused, or must not be. */
  readonly isRefusing: boolean
}

const calm = {
  maxBanners: 100,
  banners: 5,
  registered: 0,
  unclicked: 0,
  isInOrder: false,
  clicks: 3,
  adds: 8,
  ticksPerMinute: 0,
  minuteEdges: 0,
  isRefusing: false,
}

/** Each thread may for a moment hold a place that it then gives back: that much room more is room for all. */
const cases: Case[] = [
  { ...calm, title: 'the same few slots' },
  {
    ...calm,
    title: 'the same new banners at once',
    maxBanners: 2000 + THREADS,
    banners: 2000,
    isInOrder: true,
  },
  { ...calm, title: 'over the edges of minutes', minuteEdges: MINUTES_PER_HALF - 1 },
  { ...calm, title: 'more minutes than a half has room for', ticksPerMinute: 2, isRefusing: true },
  { ...calm, title: 'more banners than a minute has room for', maxBanners: 7, banners: 20, isRefusing: true },
  {
    ...calm,
    title: 'more unknown banners than the registered ones leave room for',
    maxBanners: 40 + THREADS,
    banners: 100,
    registered: 20,
    unclicked: THREADS,
    isRefusing: true,
  },
  { ...calm, title: 'more clicks than a slot has room for', clicks: 2 ** 29, isRefusing: true },
]

describe('ring under threads', () => {
  for (const plan of cases)
    it(`keeps every click it took and none that it refused: ${plan.title}`, async () => {
      const seed = newSeed()
      const { accepted, refusals, registeredRefusals, batches } = await addWhileCollecting(plan, seed)
      const collected: Sums = new Map()
      for (const batch of batches)
        for (const [bannerId, minute, ...clicks] of rowsOf(batch))
          for (const clickClass of CLICK_CLASSES) {
            const count = clicks[clickClass] ?? 0
            if (count > 0) addTo(collected, bannerId, minute, clickClass, count)
          }
      expect(collected, `seed ${seed}`).to.deep.equal(accepted)
      expect(refusals > 0, `refusals, seed ${seed}`).to.equal(plan.isRefusing)
      expect(registeredRefusals, `of registered banners, seed ${seed}`).to.equal(0)
    })
})

/** Several threads add, this one flips and collects, until a number of generations has passed. */
async function addWhileCollecting(plan: Case, seed: number) {
  const memory = SharedMemory.create({ threadCount: THREADS, maxBanners: plan.maxBanners })
  const clock = new Int32Array(new SharedArrayBuffer(4))
  clock[0] = MINUTE
  const barrier = Barrier.for(THREADS + 1)
  const threads = Array.from({ length: THREADS }, (_, threadIndex) =>
    startWorker<AddingThreadResult>(new URL('./adding-thread.ts', import.meta.url), {
      banners: plan.banners,
      registered: plan.registered,
      unclicked: plan.unclicked,
      isInOrder: plan.isInOrder,
      clicks: plan.clicks,
      adds: plan.adds,
      ticksPerMinute: plan.ticksPerMinute,
      memory: memory.handle,
      threadIndex,
      barrier: barrier.handle,
      clock: clock.buffer,
      seed: seed + threadIndex,
      untilGeneration: GENERATIONS,
    } satisfies AddingThreadData),
  )
  try {
    const batches: Batch[] = []
    barrier.pass()
    for (let collected = 0; collected < GENERATIONS; collected++) {
      await someAdd(memory, collected + 1)
      for (let edge = 0; edge < plan.minuteEdges; edge++) {
        Atomics.add(clock, 0, 1)
        await nextTurn()
      }
      batches.push(await collectSoundly(memory, collected, plan))
    }
    const results = await Promise.all(threads.map(thread => thread.result))
    // What they added last, after this thread's last flip.
    batches.push(await collectSoundly(memory, GENERATIONS, plan))
    return {
      batches,
      accepted: sumOf(results),
      refusals: results.reduce((sum, { refusals }) => sum + refusals, 0),
      registeredRefusals: results.reduce((sum, result) => sum + result.registeredRefusals, 0),
    }
  } finally {
    await Promise.all(threads.map(thread => thread.end()))
  }
}

/** A generation with nothing in it would prove nothing. */
async function someAdd(memory: SharedMemory, generation: number): Promise<void> {
  const ring = new Ring(memory)
  while (ring.slotsUsed(generation % HALF_COUNT) === 0) await nextTurn()
}

/** Collects, and looks at the quiet half itself. */
async function collectSoundly(memory: SharedMemory, collectedGeneration: number, plan: Case): Promise<Batch> {
  const ring = new Ring(memory)
  const { batch } = await within(
    COLLECT_TIMEOUT_MS,
    `generation ${collectedGeneration + 1}`,
    collect(memory, ring, new Generations(memory), collectedGeneration, unreadable),
  )
  const bannersByMinute = new Map<number, number>()
  const unknownByMinute = new Map<number, number>()
  let last: Row = [0, 0, 0]
  for (const row of rowsOf(batch)) {
    const [bannerId, minute, ...clicks] = row
    const isAscending = bannerId > last[0] || (bannerId === last[0] && minute > last[1])
    const areSound = clicks.every(count => count >= 0 && count <= MAX_SLOT_CLICKS) && clicks.some(Boolean)
    if (!isAscending || !areSound) expect.fail(`row ${row} follows ${last}`)
    bannersByMinute.set(minute, (bannersByMinute.get(minute) ?? 0) + 1)
    if (bannerId > plan.registered) unknownByMinute.set(minute, (unknownByMinute.get(minute) ?? 0) + 1)
    last = row
  }
  const slotsUsed = ring.slotsUsed(batch.generation % HALF_COUNT)
  expect(slotsUsed).to.be.at.most(memory.maxBanners)
  expect(slotsUsed, 'slots used').to.equal(Math.max(0, ...bannersByMinute.values()))
  const byUnknown = ring.slotsUsedByUnknown(batch.generation % HALF_COUNT)
  expect(byUnknown).to.be.at.most(memory.maxBanners - plan.registered - plan.unclicked)
  expect(byUnknown, 'slots used by unknown banners').to.equal(Math.max(0, ...unknownByMinute.values()))
  return batch
}

function sumOf(results: readonly AddingThreadResult[]): Sums {
  const sums: Sums = new Map()
  for (const { accepted } of results)
    for (const [key, clicks] of accepted) sums.set(key, (sums.get(key) ?? 0) + clicks)
  return sums
}
