import { workerData } from 'node:worker_threads'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { STEP } from './stepper.ts'

/**
 * Enters and leaves generations, and stands still before each of its Atomics operations until the stepper
 * lets it do that one.
 */

const { memory: handle, words: buffer } = workerData as {
  memory: SharedMemoryHandle
  words: SharedArrayBuffer
}
const words = new Int32Array(buffer)
const { add, load, store, notify, wait } = Atomics

function standStill(isBetweenRuns: boolean): void {
  const allowed = load(words, STEP.allowed)
  store(words, STEP.isBetweenRuns, isBetweenRuns ? 1 : 0)
  add(words, STEP.reached, 1)
  notify(words, STEP.reached)
  wait(words, STEP.allowed, allowed)
}

type Operation = (...operands: unknown[]) => unknown
for (const [name, operation] of Object.entries({ load, store, notify }))
  Object.assign(Atomics, {
    [name]: (...operands: unknown[]) => {
      standStill(false)
      return (operation as Operation)(...operands)
    },
  })

const generations = new Generations(new SharedMemory(handle))
for (;;) {
  standStill(true)
  const generation = generations.enter(0)
  Atomics.store(words, STEP.isInside, generation)
  Atomics.store(words, STEP.isInside, 0)
  generations.leave(0, generation)
}
