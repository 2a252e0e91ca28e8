/** The time between two requests that autocannon assumes when it corrects for coordinated omission. */
const EXPECTED_INTERVAL_US = 1000
/** A longer latency counts as this long. */
const MAX_LATENCY_US = 20_000_000

export interface LatencyMs {
  readonly average: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/**
 * Latencies corrected for coordinated omission by the rule of HdrHistogram's
 * recordValueWithExpectedInterval: an answer that took t counts also as answers that took one interval less
 * each, down to one interval. autocannon applies the rule to whole milliseconds; this does it in
 * microseconds. It walks once over all microseconds, from the longest latency down: one answer by one would
 * add hundreds of values each when a rate is not held.
 */
export function correctedLatency(latenciesUs: readonly number[]): LatencyMs {
  const longest = latenciesUs.reduce((most, us) => Math.max(most, us), 1)
  const counts = new Float64Array(Math.min(MAX_LATENCY_US, Math.ceil(longest)) + 1)
  for (const us of latenciesUs) counts[Math.min(counts.length - 1, Math.max(1, Math.round(us)))]!++
  for (let us = counts.length - 1; us >= 2 * EXPECTED_INTERVAL_US; us--)
    counts[us - EXPECTED_INTERVAL_US]! += counts[us]!
  const all = counts.reduce((sum, count) => sum + count, 0)
  const quantileMs = (fraction: number) => {
    let left = Math.max(1, Math.ceil(all * fraction))
    return counts.findIndex(count => (left -= count) <= 0) / 1000
  }
  return {
    average: counts.reduce((sum, count, us) => sum + count * us, 0) / all / 1000,
    p50: quantileMs(0.5),
    p95: quantileMs(0.95),
    p99: quantileMs(0.99),
  }
}
