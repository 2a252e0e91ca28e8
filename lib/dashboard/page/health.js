/** @import { Health, Situation } from './types.d.ts' */

const INTERVAL_MS = 1000
const TIMEOUT_MS = 5000

/**
 * Asks /health every second, as long as somebody can see the page, and at once when it is shown again.
 * @param {(health: Health | null) => void} listener null: no answer, or none that is the service's
 */
export function watchHealth(listener) {
  let isAsking = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const ask = async () => {
    clearTimeout(timer)
    if (isAsking || document.hidden) return
    isAsking = true
    const startedAtMs = performance.now()
    listener(await askOnce())
    isAsking = false
    timer = setTimeout(ask, Math.max(0, INTERVAL_MS - (performance.now() - startedAtMs)))
  }
  document.addEventListener('visibilitychange', ask)
  void ask()
}

/** @returns {Promise<Health | null>} */
async function askOnce() {
  try {
    const response = await fetch('health', { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) })
    // 503 is an answer too: it says why no clicks are taken. A proxy's own page is none.
    const health = await response.json()
    return typeof health.clicks === 'object' ? health : null
  } catch {
    return null
  }
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
