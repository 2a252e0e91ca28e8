/** @import { Health, Situation } from './types.d.ts' */

/** @type {Situation} */
export const nothingKnown = {
  health: null,
  downSinceMs: null,
  isDownSinceSeen: false,
  silentSinceMs: null,
}

/**
 * What is known after one more answer, or none.
 * @param {Situation} before
 * @param {Health | null} health
 * @param {number} nowMs
 * @returns {Situation}
 */
export function learn(before, health, nowMs) {
  if (health === null) return { ...before, silentSinceMs: before.silentSinceMs ?? nowMs }
  if (health.database.status !== 'down')
    return { health, downSinceMs: null, isDownSinceSeen: false, silentSinceMs: null }
  const { downSince } = health.database
  if (downSince)
    return { health, downSinceMs: Date.parse(downSince), isDownSinceSeen: false, silentSinceMs: null }
  return {
    health,
    downSinceMs: before.downSinceMs ?? nowMs,
    isDownSinceSeen: before.downSinceMs === null ? before.health === null : before.isDownSinceSeen,
    silentSinceMs: null,
  }
}
