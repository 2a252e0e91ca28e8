import type { ServerRoute } from '@hapi/hapi'
import { metricsText } from '../../../health/metrics.ts'
import type { HealthFacts } from '../../../health/report.ts'
import { reportMetrics } from './metrics-operations.ts'

/** GET /metrics, for Prometheus. */
export function metricsRoute(facts: HealthFacts): ServerRoute {
  return {
    method: 'GET',
    path: '/metrics',
    options: { plugins: { operation: reportMetrics } },
    handler: async (_request, h) =>
      h
        .response(await metricsText(facts))
        .type('text/plain; version=0.0.4; charset=utf-8')
        .header('cache-control', 'no-store'),
  }
}
