import { Counter, Gauge, type Metric, Registry } from 'prom-client'
import { BUCKET_TOPS_MS, type DurationTotals } from '../books/durations.ts'

/** Values by label, or one value without a label. */
type Values = number | { readonly label: string; readonly of: Readonly<Record<string, number>> }

interface LabelledDurations {
  readonly labels: Readonly<Record<string, string>>
  readonly totals: DurationTotals
}

/**
 * The metrics of one scrape, in a registry of its own. The figures are in shared memory. A registry that
 * outlived a scrape would be a second set of figures, and would have to be kept in step with the first.
 */
export class Scrape {
  readonly #registry = new Registry()

  counter(name: string, help: string, values: Values): void {
    if (typeof values === 'number') new Counter({ ...this.#at(name, help) }).inc(values)
    else {
      const counter = new Counter({ ...this.#at(name, help), labelNames: [values.label] })
      for (const [value, count] of Object.entries(values.of)) counter.inc({ [values.label]: value }, count)
    }
  }

  gauge(name: string, help: string, values: Values): void {
    if (typeof values === 'number') new Gauge({ ...this.#at(name, help) }).set(values)
    else {
      const gauge = new Gauge({ ...this.#at(name, help), labelNames: [values.label] })
      for (const [value, size] of Object.entries(values.of)) gauge.set({ [values.label]: value }, size)
    }
  }

  /** A histogram in seconds. prom-client's own class cannot take buckets that are filled already. */
  durations(name: string, help: string, series: readonly LabelledDurations[]): void {
    const values = series.flatMap(each => histogramOf(name, each))
    const metric = {
      name,
      help,
      type: 'histogram',
      get: async () => ({ name, help, type: 'histogram', values }),
    }
    this.#registry.registerMetric(metric as unknown as Metric)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #at(name: string, help: string) {
    return { name, help, registers: [this.#registry] }
  }
}

function histogramOf(name: string, { labels, totals }: LabelledDurations) {
  let count = 0
  const buckets = totals.counts.map((bucketCount, bucket) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: bucketLabel(BUCKET_TOPS_MS[bucket]!) },
    value: (count += bucketCount),
  }))
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: totals.sumMs / 1000 },
    { metricName: `${name}_count`, labels, value: count },
  ]
}

function bucketLabel(topMs: number): string {
  return Number.isFinite(topMs) ? String(topMs / 1000) : '+Inf'
}
