import http from 'node:http'

const MOST_CONNECTIONS = 32
const BANNERS = 100
/** How often what has come due is sent. */
const STEP_MS = 10

interface Driven {
  readonly requests: number
  /** Requests answered with 204 or 302. */
  readonly acknowledged: number
  /** Other answers and errors. */
  readonly failed: number
}

/**
 * Sends clicks at an even rate, over 100 banners, every second one by the path that leads on: the service has the
 * settings LEADING. A fixed number of requests and not a fixed time: each one is
 * answered or has failed before this resolves, so the test knows how many clicks there are.
 */
export async function drive(
  url: string,
  { ratePerSecond, seconds }: { ratePerSecond: number; seconds: number },
): Promise<Driven> {
  const requests = ratePerSecond * seconds
  // fifo: each connection is used in its turn, and none is idle for so long that the service closes it.
  const agent = new http.Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS, scheduling: 'fifo' })
  const { promise: finished, resolve } = Promise.withResolvers<void>()
  let sent = 0
  let acknowledged = 0
  let failed = 0
  const settle = (isAcknowledged: boolean) => {
    if (isAcknowledged) acknowledged++
    else failed++
    if (acknowledged + failed === requests) resolve()
  }
  const startedAt = performance.now()
  const timer = setInterval(() => {
    const due = Math.min(requests, Math.floor(((performance.now() - startedAt) / 1000) * ratePerSecond))
    while (sent < due) click(agent, url + pathOf(sent++), settle)
  }, STEP_MS)
  await finished
  clearInterval(timer)
  agent.destroy()
  return { requests, acknowledged, failed }
}

function pathOf(nth: number): string {
  return `/${nth % 2 === 0 ? 'counter' : 'click'}/${1 + (nth % BANNERS)}`
}

function click(agent: http.Agent, url: string, settle: (isAcknowledged: boolean) => void): void {
  http
    .get(url, { agent }, answer => {
      const { statusCode } = answer
      const isGood = statusCode === 204 || statusCode === 302
      answer.resume().once('close', () => settle(answer.complete && isGood))
    })
    .once('error', () => settle(false))
}
