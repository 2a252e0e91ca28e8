import Joi from '@hapi/joi'
import { anyOrigin, noStore, retryAfter } from '../documentation/answers.ts'
import type { Answer, Examples, Operation, Schema } from '../documentation/operation.ts'

const STATUSES = ['ok', 'degraded', 'starting', 'stopping', 'refusing']

const healthSchema = Joi.object().unknown().meta({ component: 'Health' })
const readySchema = Joi.object({
  status: Joi.string()
    .valid(...STATUSES)
    .required(),
}).unknown()
const liveSchema = Joi.object({ status: Joi.string().valid('live').required() }).unknown()

const headers = { 'Cache-Control': noStore, 'Access-Control-Allow-Origin': anyOrigin }

function good(description: string, schema: Schema, examples: Examples): Answer {
  return { description, headers, content: { 'application/json': { schema, examples } } }
}

function bad(schema: Schema, examples: Examples): Answer {
  return {
    description: 'A click would be refused: the service is starting, stopping, or has no room left.',
    headers: { ...headers, 'Retry-After': retryAfter },
    content: { 'application/json': { schema, examples } },
  }
}

const of = (status: string): Examples => ({ [status]: { value: { status } } })

export const reportHealth: Operation = {
  operationId: 'reportHealth',
  tags: ['Health'],
  summary: 'State and figures, for dashboards',
  responses: {
    200: good('Clicks are taken, also without Postgres (`degraded`).', healthSchema, of('ok')),
    503: bad(healthSchema, of('refusing')),
  },
}

export const reportLive: Operation = {
  operationId: 'reportLive',
  tags: ['Health'],
  summary: 'Whether the process runs, for orchestrators',
  responses: { 200: good('It does.', liveSchema, of('live')) },
}

export const reportReady: Operation = {
  operationId: 'reportReady',
  tags: ['Health'],
  summary: 'Whether clicks are taken, for orchestrators',
  responses: {
    200: good('They are, also without Postgres (`degraded`).', readySchema, of('ok')),
    503: bad(readySchema, of('stopping')),
  },
}
