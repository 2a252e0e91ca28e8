/** @import { Health } from './types.d.ts' */

const INTERVAL_MS = 1000
const TIMEOUT_MS = 5000

/**
 * Asks /health every second while the page is visible, and at once when it becomes visible again.
 * @param {(health: Health | null) => void} listener gets null when there is no answer, or not the service's
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
    // A 503 counts as an answer: it says why the service takes no clicks. A proxy's error page does not.
    const health = await response.json()
    return typeof health.clicks === 'object' ? health : null
  } catch {
    return null
  }
}
