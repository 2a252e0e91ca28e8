import autocannon from 'autocannon'
import { correctedLatency, type LatencyMs } from './corrected-latency.ts'

/** A connection for each 50 clicks a second, up to ten of them; from 5 000 a second on, one for each 500. */
const FEW_CLICKS_PER_CONNECTION = 50
const FEW_CONNECTIONS = 10
const MAX_CLICKS_PER_CONNECTION = 500
const BANNERS = 100

export interface RateResult {
  readonly connections: number
  readonly requests: number
  /** Requests answered with 2xx. */
  readonly acknowledged: number
  /** Other answers, errors and time-outs. */
  readonly failed: number
  readonly actualPerSecond: number
  readonly elapsedSeconds: number
  /** Seconds of processor time of this process in each second. Near 1, autocannon cannot send more. */
  readonly clientCores: number
  readonly latencyMs: LatencyMs
}

/**
 * Sends clicks at a rate, with autocannon. It is given a number of requests, not a time: at the end of a time
 * it would cut requests off, and nobody would know whether they were counted.
 */
export async function clickAtRate(
  url: string,
  { ratePerSecond, seconds }: { ratePerSecond: number; seconds: number },
): Promise<RateResult> {
  const requests = ratePerSecond * seconds
  const connections = Math.max(
    Math.min(FEW_CONNECTIONS, Math.ceil(ratePerSecond / FEW_CLICKS_PER_CONNECTION)),
    Math.ceil(ratePerSecond / MAX_CLICKS_PER_CONNECTION),
  )
  const latenciesUs: number[] = []
  let acknowledged = 0
  const startedAtMs = performance.now()
  const cpuBefore = process.cpuUsage()
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  const run = autocannon(
    {
      url,
      connections,
      overallRate: ratePerSecond,
      amount: requests,
      requests: Array.from({ length: BANNERS }, (_, banner) => ({
        method: 'GET',
        path: `/counter/${banner + 1}`,
      })),
    },
    error => (error ? reject(error) : resolve()),
  )
  run.on('response', (_client, statusCode, _bytes, responseTimeMs) => {
    if (statusCode >= 200 && statusCode < 300) acknowledged++
    latenciesUs.push(responseTimeMs * 1000)
  })
  await finished
  const { user, system } = process.cpuUsage(cpuBefore)
  const sendingSeconds = (performance.now() - startedAtMs) / 1000
  // The requests of the last second are sent at its start. The rest of that second counts as well.
  const elapsedSeconds = Math.max(seconds, sendingSeconds)
  return {
    connections,
    requests,
    acknowledged,
    failed: requests - acknowledged,
    actualPerSecond: acknowledged / elapsedSeconds,
    elapsedSeconds,
    clientCores: (user + system) / 1e6 / sendingSeconds,
    latencyMs: correctedLatency(latenciesUs),
  }
}
