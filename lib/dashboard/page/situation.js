/** @import { Health, Refusal, Situation } from './types.d.ts' */

/** @type {Situation} */
export const nothingKnown = { health: null, refusal: null, silentSinceMs: null }

/**
 * What is known after one more answer. null: there was none.
 * @param {Situation} before
 * @param {Health | Refusal | null} answer
 * @param {number} nowMs
 * @returns {Situation}
 */
export function learn(before, answer, nowMs) {
  if (answer === null) return { ...before, silentSinceMs: before.silentSinceMs ?? nowMs }
  if ('needsLogIn' in answer) return { health: before.health, refusal: answer, silentSinceMs: null }
  return { health: answer, refusal: null, silentSinceMs: null }
}
