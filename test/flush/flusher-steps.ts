import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Journal } from '../../lib/journal/keep/keeper.ts'
import { noJournal } from '../support/no-journal.ts'
import { FlusherModel } from './flusher-model.ts'
import type { Fate } from './worker-model.ts'

export const ROOMY = { maxBanners: 64, maxBacklogBytes: 2 ** 30 }
export const REFUSED: Fate = { death: null, storing: 'refused' }
/** Longer than any back-off. */
export const LONG_MS = 11_000

/** To be called in a describe: in its tests, time passes only when they say so. */
export function stopTime(): void {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1e12 })
    mock.method(performance, 'now', () => Date.now())
  })
  afterEach(() => mock.reset())
}

/** Postgres is there, and the first ping has found it. */
export async function readyModel(journal: Journal = noJournal()): Promise<FlusherModel> {
  const model = new FlusherModel({ ...ROOMY, journal })
  model.flusher.allowStoring()
  await runUntilIdle(model)
  return model
}

export function click(model: FlusherModel): void {
  model.threads.add(0, 1, 0, 1)
  model.threads.leave(0)
}

function stepAll(model: FlusherModel): void {
  for (const task of ['collecting', 'storing'] as const) model.worker.step(task)
}

export async function runUntilIdle(model: FlusherModel): Promise<void> {
  do {
    stepAll(model)
    await settle()
  } while (!model.worker.isIdle)
}

/** Everything goes well from now on, and everything is stored. */
export async function end(model: FlusherModel): Promise<void> {
  model.flusher.allowStoring()
  model.worker.fates.length = 0
  for (const threadIndex of [0, 1]) model.threads.leave(threadIndex)
  let isDrained = false
  const drained = model.flusher.drain(new AbortController().signal).then(leftover => {
    isDrained = true
    return leftover
  })
  for (let round = 0; !isDrained; round++) {
    expect(round, 'rounds of the last flushes').to.be.below(1000)
    stepAll(model)
    if (model.worker.isIdle) mock.timers.tick(LONG_MS)
    await settle()
    model.check()
  }
  expect(await drained).to.deep.equal({ clicks: 0, isAllStored: true })
  // A generation without clicks may still be under way, for an ask: the drain has nothing to wait for in it.
  await runUntilIdle(model)
  model.checkEnd()
  expect(model.openAsks, 'asks without an answer').to.equal(0)
}

/** Resolves when everything has happened that can happen without time passing. */
export async function settle(): Promise<void> {
  await setImmediate()
  await setImmediate()
}
