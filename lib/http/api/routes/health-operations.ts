import Joi from '@hapi/joi'
import { healthSchema } from '../../../health/schema.ts'
import { READY_STATUSES } from '../../../health/status.ts'
import { anyOrigin, noStore, retryAfter } from '../operations/documented-answers.ts'
import type { DocumentedAnswer, Operation, Schema } from '../operations/operation.ts'
import { preflightOperation } from '../operations/preflight.ts'

const healthExample = {
  status: 'ok',
  reason: null,
  reasons: [],
  version: '1.0.0',
  instance: 'web-1:8080',
  startedAt: '2024-12-12T10:00:00.000Z',
  uptimeSeconds: 12.3,
  clicks: {
    accepted: 1042,
    stored: 1000,
    pending: 42,
    repeated: 0,
    lost: 0,
    byClass: { valid: 900, bot: 120, duplicate: 22 },
    storedByClass: { valid: 865, bot: 114, duplicate: 21 },
    pendingByClass: { valid: 35, bot: 6, duplicate: 1 },
    repeatedByClass: { valid: 0, bot: 0, duplicate: 0 },
    lostByClass: { valid: 0, bot: 0, duplicate: 0 },
    aside: 0,
    perSecond: 84.5,
    perSecondByClass: { valid: 73.6, bot: 9.1, duplicate: 1.8 },
    refused: { journal: 0, full: 0, limit: 0, conflict: 0 },
    ignored: { prefetch: 3, unknown: 0, inactive: 0 },
    unnoted: 0,
    unlimited: 0,
  },
  ring: {
    generation: 7,
    slots: 131072,
    slotsUsed: 3,
    slotsForUnknown: 131032,
    slotsUsedByUnknown: 1,
    refusedUnknown: 0,
  },
  journal: {
    sync: 'write',
    files: 1,
    bytes: 4096,
    maxBytes: 1_073_741_824,
    fullInSeconds: null,
    keptFiles: 60,
    keptBytes: 245_760,
    oldestSeconds: 0.8,
    damaged: 0,
  },
  flush: {
    intervalSeconds: 2,
    lastAt: '2024-12-12T10:00:11.502Z',
    lastDurationMs: 3.1,
    lastRows: 3,
    failures: 0,
    lastError: null,
  },
  database: { status: 'up', downSince: null, host: 'embedded', lastError: null },
  keys: { known: true, open: false, inForce: 2, ageSeconds: 0.4, failed: 0, limited: 0 },
  banners: { known: true, registered: 3, ageSeconds: 0.4, memoryBytes: 1024 },
  bots: { classed: true, patterns: 120, ranges: 8400, listsReadAt: '2024-12-12T09:58:00.000Z' },
  history: {
    quartersThrough: '2024-12-12T09:45:00.000Z',
    daysThrough: '2024-12-12T09:45:00.000Z',
    minutesFrom: null,
    quartersFrom: null,
    withoutMinutes: 0,
  },
  http: {
    requests: 1050,
    responses: { '2xx': 1047, '3xx': 1, '4xx': 2, '5xx': 0 },
    refused: { connections: 0, requests: 0 },
    malformedForwarded: 0,
    latencyMs: { p50: 0.2, p90: 0.4, p99: 1.1, p999: 2.3 },
    readingLatencyMs: { p50: 4.1, p90: 9.5, p99: 21, p999: 21 },
    watchingLatencyMs: { p50: 0.4, p90: 0.5, p99: 1.8, p999: 1.8 },
  },
  threads: [{ id: 0, requests: 1050, utilization: 0.02, eventLoopDelayP99Ms: 1.1 }],
  memory: { rssBytes: 104_857_600 },
}

const readySchema = statusSchema(READY_STATUSES)
const liveSchema = statusSchema(['live'])

function statusSchema(statuses: readonly string[]): Schema {
  const status = Joi.string()
    .valid(...statuses)
    .required()
  return Joi.object({ status }).unknown()
}

const headers = { 'Cache-Control': noStore, 'Access-Control-Allow-Origin': anyOrigin }

function good(description: string, schema: Schema, value: { status: string }): DocumentedAnswer {
  const examples = { [value.status]: { value } }
  return { description, headers, content: { 'application/json': { schema, examples } } }
}

function bad(schema: Schema, value: { status: string }): DocumentedAnswer {
  return {
    ...good(
      'Send clicks elsewhere: the service is starting or stopping, or it cannot keep clicks.',
      schema,
      value,
    ),
    headers: { ...headers, 'Retry-After': retryAfter },
  }
}

export const reportHealth: Operation = {
  operationId: 'reportHealth',
  access: 'health',
  tags: ['Health'],
  summary: 'The state and the figures, for dashboards',
  responses: {
    200: good('Clicks are accepted, also while Postgres is away (`degraded`).', healthSchema, healthExample),
    503: bad(healthSchema, { ...healthExample, status: 'stopping' }),
  },
}

export const reportLive: Operation = {
  operationId: 'reportLive',
  access: 'public',
  tags: ['Health'],
  summary: 'Whether the process runs, for orchestrators',
  responses: { 200: good('The process runs.', liveSchema, { status: 'live' }) },
}

export const reportReady: Operation = {
  operationId: 'reportReady',
  access: 'public',
  tags: ['Health'],
  summary: 'Whether clicks are accepted, for orchestrators',
  responses: {
    200: good('Clicks are accepted, also while Postgres is away (`degraded`).', readySchema, {
      status: 'ok',
    }),
    503: bad(readySchema, { status: 'stopping' }),
  },
}

/** OPTIONS gets the same answer as GET. */
export const checkLive: Operation = { ...reportLive, operationId: 'checkLive' }
export const checkReady: Operation = { ...reportReady, operationId: 'checkReady' }
export const checkRoot: Operation = {
  ...reportReady,
  operationId: 'checkRoot',
  access: 'public',
  description: 'What HAProxy asks with a plain `option httpchk`.',
}

const preflight = preflightOperation('allowHealth', 'Health', 'GET')
export const allowHealth: Operation = {
  ...preflight,
  access: 'health',
  description:
    'Also a health check: a request that is not a preflight gets 503 when `GET` would. A preflight needs no key.',
  responses: { ...preflight.responses, 503: reportHealth.responses[503]! },
}
