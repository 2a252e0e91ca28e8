import { metricsText } from '../../../health/metrics.ts'
import type { HealthSources } from '../../../health/report.ts'
import type { Route } from '../operations/operation.ts'
import { reportMetrics } from './metrics-operations.ts'

/** GET /metrics, for Prometheus. */
export function metricsRoute(sources: HealthSources): Route {
  return {
    method: 'GET',
    path: '/metrics',
    options: { plugins: { operation: reportMetrics } },
    handler: async (_request, h) =>
      h
        .response(await metricsText(sources))
        .type('text/plain; version=0.0.4; charset=utf-8')
        .header('cache-control', 'no-store'),
  }
}
