/** @import { Health } from './types.d.ts' */

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
