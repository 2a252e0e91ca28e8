/** What autocannon takes for the time between two requests when it corrects for coordinated omission. */
const EXPECTED_INTERVAL_US = 1000
/** A longer one counts as this long. */
const MAX_LATENCY_US = 20_000_000

export interface LatencyMs {
  readonly average: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/**
 * Latencies corrected for coordinated omission by the rule of HdrHistogram's recordValueWithExpectedInterval,
 * which autocannon applies to whole milliseconds: an answer that took t also stands for those that would have
 * waited an interval less each. One pass over all microseconds, from the longest latency down, since a rate
 * that cannot be held would take hundreds of values for every answer.
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
