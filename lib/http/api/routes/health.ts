import type { Request, ResponseObject, ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { type HealthFacts, healthReport } from '../../../health/report.ts'
import { acceptsClicks, serviceStatus } from '../../../health/status.ts'
import type { Operation } from '../operations/operation.ts'
import { answerPreflight } from '../preflight.ts'
import {
  allowHealth,
  checkLive,
  checkReady,
  checkRoot,
  reportHealth,
  reportLive,
  reportReady,
} from './health-operations.ts'

/**
 * GET /health for dashboards, /health/live and /health/ready for orchestrators. HAProxy checks with OPTIONS unless
 * a method is configured, and checks the root unless a path is.
 */
export function healthRoutes(facts: HealthFacts, now: () => number): ServerRoute[] {
  const report: Handler = (_request, h) => {
    const body = healthReport(facts, now())
    return answer(h, body, acceptsClicks(body.status))
  }
  const live: Handler = (_request, h) => answer(h, { status: 'live' }, true)
  const ready: Handler = (_request, h) => {
    const { status } = serviceStatus(facts.memory, now())
    return answer(h, { status }, acceptsClicks(status))
  }
  const check: Handler = (request, h) => {
    const isPreflight = 'access-control-request-method' in request.headers
    const isGood = acceptsClicks(serviceStatus(facts.memory, now()).status)
    return isGood || isPreflight ? answerPreflight(request, h, 'GET') : report(request, h)
  }
  return [
    route('GET', '/health', report, reportHealth),
    route('OPTIONS', '/health', check, allowHealth),
    route('GET', '/health/live', live, reportLive),
    route('OPTIONS', '/health/live', live, checkLive),
    route('GET', '/health/ready', ready, reportReady),
    route('OPTIONS', '/health/ready', ready, checkReady),
    route('OPTIONS', '/', ready, checkRoot),
  ]
}

type Handler = (request: Request, h: ResponseToolkit) => ResponseObject

function route(method: 'GET' | 'OPTIONS', path: string, handler: Handler, operation: Operation): ServerRoute {
  return { method, path, options: { plugins: { operation } }, handler }
}

function answer(h: ResponseToolkit, body: object, isGood: boolean): ResponseObject {
  const response = h
    .response(body)
    .code(isGood ? 200 : 503)
    .header('cache-control', 'no-store')
    .header('access-control-allow-origin', '*')
  return isGood ? response : response.header('retry-after', '1')
}
