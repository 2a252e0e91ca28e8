import { CONNECT_TIMEOUT_MS } from '../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { CONTROL } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/**
 * The longest that a task may take for one step. By the limits of its connection, the longest step of a store
 * is to connect and to wait for one answer; a store of many rows has many steps. A collect is one step, and
 * nothing in it takes seconds.
 */
export const STALL_MS = CONNECT_TIMEOUT_MS + SERVICE_LIMITS.queryMs

/** Since when each task of the flush worker runs, by `performance.now()`; null: it does not. */
interface TaskStarts {
  readonly collecting: number | null
  readonly storing: number | null
}

/** Main's watch over the flush worker's tasks: whether they get on. */
export class StallWatch {
  readonly #memory: SharedMemory
  #answers = 0
  #lastAnswerMs = Number.NEGATIVE_INFINITY

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /** To be called every second or so. Returns the tasks that hang. */
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
