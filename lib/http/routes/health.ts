import type { ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { acceptsClicks, type HealthFacts, healthReport, serviceStatus } from '../../health/report.ts'
import { preflightRoute } from '../preflight.ts'
import { allowHealth, reportHealth, reportLive, reportReady } from './health-operations.ts'

/** GET /health for dashboards, /health/live and /health/ready for orchestrators. */
export function healthRoutes(facts: HealthFacts, now: () => number): ServerRoute[] {
  const answer = (h: ResponseToolkit, body: object, isGood: boolean) =>
    h
      .response(body)
      .code(isGood ? 200 : 503)
      .header('cache-control', 'no-store')
      .header('access-control-allow-origin', '*')
  return [
    {
      method: 'GET',
      path: '/health',
      options: { plugins: { openapi: reportHealth } },
      handler: (_request, h) => {
        const report = healthReport(facts, now())
        return retryAfter(answer(h, report, acceptsClicks(report.status)))
      },
    },
    {
      method: 'GET',
      path: '/health/live',
      options: { plugins: { openapi: reportLive } },
      handler: (_request, h) => answer(h, { status: 'live' }, true),
    },
    {
      method: 'GET',
      path: '/health/ready',
      options: { plugins: { openapi: reportReady } },
      handler: (_request, h) => {
        const status = serviceStatus(facts.memory, now())
        return retryAfter(answer(h, { status }, acceptsClicks(status)))
      },
    },
    preflightRoute('/health', 'GET', allowHealth),
  ]
}

function retryAfter(response: ReturnType<ResponseToolkit['response']>) {
  return response.statusCode === 503 ? response.header('retry-after', '1') : response
}
