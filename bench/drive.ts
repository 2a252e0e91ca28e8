import { createHistogram } from 'node:perf_hooks'
import autocannon from 'autocannon'

/** Each connection sends up to 50 clicks a second, as long as so many connections are enough. */
const CLICKS_PER_CONNECTION = 50
const MOST_CONNECTIONS = 10
const BANNERS = 100
/** What autocannon takes for the time between two requests when it corrects for coordinated omission. */
const EXPECTED_INTERVAL_US = 1000

export interface DriveResult {
  readonly connections: number
  readonly requests: number
  /** Requests answered with 2xx. */
  readonly acknowledged: number
  /** Other answers, errors and time-outs. */
  readonly failed: number
  readonly actualPerSecond: number
  readonly latencyMs: {
    readonly average: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
  }
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
  const latencyUs = createHistogram()
  let acknowledged = 0
  const startedAt = performance.now()
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
    recordCorrected(latencyUs, Math.max(1, Math.round(responseTimeMs * 1000)))
  })
  await finished
  // The requests of the last second are sent at its start, and its rest belongs to the measured time.
  const elapsedSeconds = Math.max(seconds, (performance.now() - startedAt) / 1000)
  return {
    connections,
    requests,
    acknowledged,
    failed: requests - acknowledged,
    actualPerSecond: acknowledged / elapsedSeconds,
    latencyMs: {
      average: latencyUs.mean / 1000,
      p50: latencyUs.percentile(50) / 1000,
      p95: latencyUs.percentile(95) / 1000,
      p99: latencyUs.percentile(99) / 1000,
    },
  }
}

/** The rule of HdrHistogram's recordValueWithExpectedInterval, which autocannon applies to milliseconds. */
function recordCorrected(histogram: ReturnType<typeof createHistogram>, valueUs: number): void {
  for (let us = valueUs; us === valueUs || us >= EXPECTED_INTERVAL_US; us -= EXPECTED_INTERVAL_US)
    histogram.record(us)
}
