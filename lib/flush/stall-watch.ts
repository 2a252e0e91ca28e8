import { CONNECT_TIMEOUT_MS } from '../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { CONTROL } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/**
 * The longest that a task may go on without getting anywhere. A store's longest step, by the limits of its
 * connection, is to connect and to wait for one answer, however many rows, and so answers, it takes in all. A collect is
 * one step, and nothing in it takes seconds.
 */
export const STALL_MS = CONNECT_TIMEOUT_MS + SERVICE_LIMITS.queryMs

/** Since when the flush worker has been at each of its tasks, by `performance.now()`; null: it is not. */
export interface TaskStarts {
  readonly collecting: number | null
  readonly storing: number | null
}

/** Sees from main whether the flush worker's tasks get anywhere. */
export class StallWatch {
  readonly #memory: SharedMemory
  #answers = 0
  #lastAnswerMs = Number.NEGATIVE_INFINITY

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /** To be called every second or so. Names the tasks that hang. */
  look({ collecting, storing }: TaskStarts): (keyof TaskStarts)[] {
    const nowMs = performance.now()
    const answers = Atomics.load(this.#memory.i32, CONTROL.databaseAnswers)
    if (answers !== this.#answers) this.#lastAnswerMs = nowMs
    this.#answers = answers
    const stalled: (keyof TaskStarts)[] = []
    if (collecting !== null && nowMs - collecting > STALL_MS) stalled.push('collecting')
    if (storing !== null && nowMs - Math.max(storing, this.#lastAnswerMs) > STALL_MS) stalled.push('storing')
    return stalled
  }
}
