/** @import { Health, Refusal, Sample } from './types.d.ts' */
import { samplesOf } from './history.js'

const INTERVAL_MS = 1000
const TIMEOUT_MS = 5000

/**
 * Asks /health every second while the page is visible, and at once when it becomes visible again. After a refusal it
 * waits to be asked to go on: until somebody logs in, the next answer would be the same.
 * @param {(answer: Health | Refusal | null) => void} listener gets null when there is no answer, or not the service's
 * @returns {() => Promise<void>} asks at once, and goes on
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
    const answer = await askOnce()
    isAsking = false
    listener(answer)
    if (answer !== null && 'needsLogIn' in answer) return
    timer = setTimeout(ask, Math.max(0, INTERVAL_MS - (performance.now() - startedAtMs)))
  }
  document.addEventListener('visibilitychange', ask)
  void ask()
  return ask
}

/** @returns {Promise<Health | Refusal | null>} */
async function askOnce() {
  try {
    const response = await fetch('health', { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) })
    // A 503 counts as an answer: it says why the service takes no clicks. A proxy's error page does not.
    const answer = await response.json()
    if (typeof answer.clicks === 'object') return answer
    const isRefusal = [401, 403].includes(response.status) && answer.statusCode === response.status
    return isRefusal ? { needsLogIn: response.status === 401, message: answer.message } : null
  } catch {
    return null
  }
}

/**
 * The service's own samples of the last 15 minutes, oldest first. None when there is no answer: the page then begins
 * with its own, as it does with a service that is older than this.
 * @returns {Promise<readonly Sample[]>}
 */
export async function askHistory() {
  try {
    const response = await fetch('health/history', {
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const answeredAtMs = Date.parse(response.headers.get('date') ?? '')
    return response.ok ? samplesOf(await response.json(), answeredAtMs / 1000, Date.now() / 1000) : []
  } catch {
    return []
  }
}
