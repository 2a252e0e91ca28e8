import { setTimeout } from 'node:timers/promises'

const LOOK_INTERVAL_MS = 1

/** Resolves when the condition holds; otherwise mocha's time-out ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(LOOK_INTERVAL_MS)
}
