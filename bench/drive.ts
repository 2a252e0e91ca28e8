import autocannon from 'autocannon'
import { correctedLatency, type LatencyMs } from './latency.ts'

/** Each connection sends up to 50 clicks a second, as long as so many connections are enough. */
const CLICKS_PER_CONNECTION = 50
const MOST_CONNECTIONS = 10
const BANNERS = 100

export interface DriveResult {
  readonly connections: number
  readonly requests: number
  /** Requests answered with 2xx. */
  readonly acknowledged: number
  /** Other answers, errors and time-outs. */
  readonly failed: number
  readonly actualPerSecond: number
  /** Part of the time in which autocannon's thread was at work: near 1, it is what holds the rate down. */
  readonly clientUtilization: number
  readonly latencyMs: LatencyMs
}

/**
 * Sends clicks at a rate. A fixed number of requests rather than a fixed time, so that none is cut off
 * halfway, counted or not as it happens.
 */
export async function drive(
  url: string,
  { ratePerSecond, seconds }: { ratePerSecond: number; seconds: number },
): Promise<DriveResult> {
  const requests = ratePerSecond * seconds
  const connections = Math.min(MOST_CONNECTIONS, Math.ceil(ratePerSecond / CLICKS_PER_CONNECTION))
  const latenciesUs: number[] = []
  let acknowledged = 0
  const startedAt = performance.now()
  const utilizationBefore = performance.eventLoopUtilization()
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
  const clientUtilization = performance.eventLoopUtilization(utilizationBefore).utilization
  // The requests of the last second are sent at its start, and its rest belongs to the measured time.
  const elapsedSeconds = Math.max(seconds, (performance.now() - startedAt) / 1000)
  return {
    connections,
    requests,
    acknowledged,
    failed: requests - acknowledged,
    actualPerSecond: acknowledged / elapsedSeconds,
    clientUtilization,
    latencyMs: correctedLatency(latenciesUs),
  }
}
