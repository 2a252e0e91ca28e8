import Joi from '@hapi/joi'
import { REASONS, STATUSES } from './status.ts'

const text = Joi.string().required()
const count = Joi.number().integer().min(0).required()
const size = Joi.number().min(0).required()
const time = Joi.string().isoDate().required()
const timeOrNull = time.allow(null)
const textOrNull = text.allow(null)

// Of two: the JSON Schema of a list of values leaves null out of it.
const reason = Joi.valid(...REASONS).required()
const reasonOrNull = Joi.alternatives(reason, Joi.valid(null)).required()

const complaint = Joi.object({
  reason,
  since: timeOrNull.description('null: not known'),
  detail: textOrNull.description('for people: what is wrong and what mends it, or what Postgres said'),
})

const clicks = Joi.object({
  accepted: count.description('acknowledged since the start; always stored + pending + lost'),
  stored: count.description('of these, in Postgres'),
  pending: count.description('of these, not in Postgres yet'),
  lost: count.description(
    'of these, in no place any more: a database that went back had them, further back than what is kept, or a file that was damaged',
  ),
  aside: count.description(
    'of pending, in journal/aside for somebody to decide: another process has written under the name of this one',
  ),
  perSecond: size.description('accepted, over the last 10 s'),
  refused: Joi.object({
    journal: count.description('could not be kept safely: no room for what waits, or a failing disk'),
    full: count.description('more banners, or clicks of one, than a minute holds'),
  })
    .required()
    .description('answered with 503 and not counted'),
  ignored: Joi.object({ prefetch: count }).required().description('answered with 204 and not counted'),
}).required()

const ring = Joi.object({
  generation: count.min(1),
  slots: count.description('banners that a minute has room for'),
  slotsUsed: count.description('banners in the fullest minute'),
}).required()

const journal = Joi.object({
  sync: Joi.valid('write', 'fsync').required(),
  files: count,
  bytes: count,
  maxBytes: count.description('beyond it clicks are refused'),
  fullInSeconds: count.allow(null).description('at the present rate; null: it does not grow'),
  oldestSeconds: size.description('age of the oldest click in it'),
  damaged: count.description('files put aside'),
  keptFiles: count.description('of what is stored, for a database that goes back'),
  keptBytes: count,
}).required()

const flush = Joi.object({
  intervalSeconds: Joi.number().positive().required(),
  lastAt: timeOrNull.description('of the last one that stored something'),
  lastDurationMs: size,
  lastRows: count,
  failures: count.description('since the start'),
  lastError: textOrNull.description('null once a flush has stored something again'),
}).required()

const database = Joi.object({
  status: Joi.valid('up', 'down', 'unknown').required(),
  downSince: timeOrNull.description('null while it is not down'),
  host: text.description('or embedded'),
  lastError: textOrNull.description('null once it is up again'),
}).required()

const latency = Joi.object({ p50: size, p90: size, p99: size, p999: size })
  .required()
  .description('over the last minute')

const http = Joi.object({
  requests: count.description('answered since the start'),
  responses: Joi.object({ '2xx': count, '3xx': count, '4xx': count, '5xx': count }).required(),
  latencyMs: latency.description('of clicks: from a request’s headers to the end of its answer'),
  readingLatencyMs: latency.description('of /stats'),
  watchingLatencyMs: latency.description('of /health, /metrics, pages and all else'),
}).required()

const thread = Joi.object({
  id: count,
  requests: count,
  utilization: size.max(1).description('part of the last second for which it was busy'),
  eventLoopDelayP99Ms: size.description('how late it came to its events in the last second'),
}).required()

/** The document that GET /health answers with, in every state. */
export const healthSchema = Joi.object({
  status: Joi.valid(...STATUSES)
    .required()
    .description('clicks may be sent here when ok and degraded: the answer is 200, otherwise 503'),
  reason: reasonOrNull.description('why the status is degraded or refusing: the first of the reasons'),
  reasons: Joi.array().items(complaint).required().description('all of them, the weightiest first'),
  version: text,
  startedAt: time,
  uptimeSeconds: size,
  clicks,
  ring,
  journal,
  flush,
  database,
  http,
  threads: Joi.array().items(thread).min(1).required().description('the request threads'),
  memory: Joi.object({ rssBytes: count.description('of the whole process') }).required(),
})
  .required()
  .label('Health')
