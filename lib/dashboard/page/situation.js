/** @import { Health, Situation } from './types.d.ts' */

/** @type {Situation} */
export const nothingKnown = { health: null, silentSinceMs: null }

/**
 * What is known after one more answer. null: there was none.
 * @param {Situation} before
 * @param {Health | null} health
 * @param {number} nowMs
 * @returns {Situation}
 */
export function learn(before, health, nowMs) {
  if (health === null) return { ...before, silentSinceMs: before.silentSinceMs ?? nowMs }
  return { health, silentSinceMs: null }
}
