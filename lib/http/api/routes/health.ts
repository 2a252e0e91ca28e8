import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import { HistoryText } from '../../../health/history-text.ts'
import { type HealthSources, healthReport } from '../../../health/report.ts'
import { acceptsClicks, readiness, serviceStatus } from '../../../health/status.ts'
import type { Operation, Route } from '../operations/operation.ts'
import { answerPreflight } from '../preflight.ts'
import { reportHistory } from './health-history-operations.ts'
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
 * GET /health and /health/history for dashboards, /health/live and /health/ready for orchestrators. All but the history
 * answer OPTIONS too, and so does the root: HAProxy checks with OPTIONS when no method is configured, and checks the root
 * when no path is.
 */
export function healthRoutes(sources: HealthSources, now: () => number): Route[] {
  const history = new HistoryText(sources.memory)
  const report: Handler = (_request, h) => {
    const body = healthReport(sources, now())
    return answerWith(h, body, acceptsClicks(body.status))
  }
  const tellHistory: Handler = (_request, h) => answerWith(h, history.latest(), true).type('application/json')
  const live: Handler = (_request, h) => answerWith(h, { status: 'live' }, true)
  const ready: Handler = (_request, h) => {
    const { status, isReady } = readiness(sources.memory, now())
    return answerWith(h, { status }, isReady)
  }
  const check: Handler = (request, h) => {
    const isPreflight = 'access-control-request-method' in request.headers
    const isGood = acceptsClicks(serviceStatus(sources.memory, now()).status)
    return isGood || isPreflight ? answerPreflight(request, h, 'GET') : report(request, h)
  }
  return [
    route('GET', '/health', report, reportHealth),
    route('OPTIONS', '/health', check, allowHealth),
    route('GET', '/health/history', tellHistory, reportHistory),
    route('GET', '/health/live', live, reportLive),
    route('OPTIONS', '/health/live', live, checkLive),
    route('GET', '/health/ready', ready, reportReady),
    route('OPTIONS', '/health/ready', ready, checkReady),
    route('OPTIONS', '/', ready, checkRoot),
  ]
}

type Handler = (request: Request, h: ResponseToolkit) => ResponseObject

function route(method: 'GET' | 'OPTIONS', path: string, handler: Handler, operation: Operation): Route {
  return { method, path, options: { plugins: { operation } }, handler }
}

function answerWith(h: ResponseToolkit, body: object | string, isGood: boolean): ResponseObject {
  const response = h
    .response(body)
    .code(isGood ? 200 : 503)
    .header('cache-control', 'no-store')
    .header('access-control-allow-origin', '*')
  return isGood ? response : response.header('retry-after', '1')
}
