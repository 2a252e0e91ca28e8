import Joi from '@hapi/joi'
import { SAMPLE_FIELDS, SAMPLE_SECONDS, type SampleField } from '../memory/layout.ts'
import { REASONS, STATUSES } from './status.ts'

const text = Joi.string().required()
const count = Joi.number().integer().min(0).required()
const size = Joi.number().min(0).required()
const time = Joi.string().isoDate().required()
const timeOrNull = time.allow(null)
const textOrNull = text.allow(null)

// Two alternatives: the JSON Schema of one list of values would leave null out.
const reason = Joi.valid(...REASONS).required()
const reasonOrNull = Joi.alternatives(reason, Joi.valid(null)).required()

const complaint = Joi.object({
  reason,
  since: timeOrNull.description('null: not known'),
  detail: textOrNull.description('for people: what is wrong and how to mend it, or what Postgres said'),
})

const classes = Joi.object({ valid: count, bot: count, duplicate: count }).required()

const clicks = Joi.object({
  accepted: count.description(
    'acknowledged since the start, of all classes; always stored + pending + repeated + lost, and so for each class',
  ),
  stored: count.description('of these, in Postgres'),
  pending: count.description('of these, not in Postgres yet'),
  repeated: count.description('of these, in bulks with a key that another delivery had counted'),
  lost: count.description(
    'of these, gone: a database that went back had stored them before what the journal still keeps, or they ' +
      'were in a damaged file',
  ),
  byClass: classes.description('accepted, by class'),
  storedByClass: classes.description('stored, by class'),
  pendingByClass: classes.description('pending, by class'),
  repeatedByClass: classes.description('repeated, by class'),
  lostByClass: classes.description('lost, by class'),
  aside: count.description(
    'of pending, put aside in journal/aside until an operator decides: another process has written under the ' +
      'same name, or bulks waited for longer than their keys are known',
  ),
  perSecond: size.description('accepted, over the last 10 s'),
  perSecondByClass: Joi.object({ valid: size, bot: size, duplicate: size })
    .required()
    .description('the same, by class'),
  refused: Joi.object({
    journal: count.description('the journal was full, or writing to it failed'),
    full: count.description('the minute had no room for one more banner, or for more clicks of one'),
    limit: count.description('their client had sent more than CLIENT_CLICKS_PER_MINUTE'),
    conflict: count.description(
      'answered with 202, and then found in bulks whose key had been used for other clicks: not accepted any more',
    ),
  })
    .required()
    .description('answered with 503, for limit with 429, for conflict with 202, and not counted'),
  ignored: Joi.object({
    prefetch: count.description('a browser asked before anybody clicked'),
    unknown: count.description('nobody registered the banner, or it leads nowhere'),
    inactive: count.description('the banner is not active now'),
  })
    .required()
    .description('not counted, and no fault of the service'),
  unnoted: count.description(
    'of accepted, valid clicks that the service could not remember: a duplicate of theirs counts as valid, too',
  ),
  unlimited: count.description(
    'clicks that were not limited, because the service could not remember their client',
  ),
}).required()

const ring = Joi.object({
  generation: count.min(1),
  slots: count.description('banners that a minute has room for'),
  slotsUsed: count.description('banners in the fullest minute'),
  slotsForUnknown: count.description(
    'banners that nobody registered which a minute has room for: all that the registered ones do not need',
  ),
  slotsUsedByUnknown: count.description('such banners in the minute that has most of them'),
  refusedUnknown: count.description(
    'of clicks.refused.full, clicks of such banners, and of bulks with one, while others are registered',
  ),
}).required()

const journal = Joi.object({
  sync: Joi.valid('write', 'fsync').required(),
  files: count,
  bytes: count,
  maxBytes: count.description('beyond it clicks are refused'),
  fullInSeconds: count.allow(null).description('if it goes on growing at this rate; null: it does not grow'),
  oldestSeconds: size.description('age of the oldest click in it'),
  damaged: count.description('damaged files that were put aside'),
  keptFiles: count.description('files of stored clicks, kept for a database that goes back'),
  keptBytes: count,
}).required()

const flush = Joi.object({
  intervalSeconds: Joi.number().positive().required(),
  lastAt: timeOrNull.description('when a flush last stored something'),
  lastDurationMs: size,
  lastRows: count,
  failures: count.description('since the start'),
  lastError: textOrNull.description('null once a flush has stored something again'),
}).required()

const database = Joi.object({
  status: Joi.valid('up', 'down', 'unknown').required(),
  downSince: timeOrNull.description('null while it is not down'),
  host: text.description(
    'host name, or embedded; of several hosts the one that was last in use, as host:port',
  ),
  lastError: textOrNull.description('null once it is up again'),
}).required()

const keys = Joi.object({
  known: Joi.boolean().required().description('read from Postgres, or from the file of an earlier process'),
  open: Joi.boolean().required().description('no key exists: everybody may count and read'),
  inForce: count.description('keys that would let somebody in, with ADMIN_KEY'),
  ageSeconds: size
    .allow(null)
    .description(
      'since Postgres has last confirmed them; a change since then may not be in force. null: never',
    ),
  failed: count.description('wrong keys, sessions and log-ins since the start'),
  limited: count.description('of these, answered with 429: too many from one client'),
}).required()

const banners = Joi.object({
  known: Joi.boolean().required().description('read from Postgres, or from files of an earlier process'),
  registered: count.description('banners that are registered, as this instance knows them'),
  ageSeconds: size
    .allow(null)
    .description(
      'since Postgres has last confirmed them; a change since then may not be in force. null: never',
    ),
  memoryBytes: count.description('what they take, once for all request threads'),
}).required()

const bots = Joi.object({
  classed: Joi.boolean().required().description('bots’ clicks are told from people’s: BOTS=class'),
  patterns: count.description('of the file of further User-Agents, in force'),
  ranges: count.description('of the file of addresses, in force'),
  listsReadAt: timeOrNull.description('when these files were last read; null: none is set'),
}).required()

const history = Joi.object({
  quartersThrough: timeOrNull.description(
    'clicks before this are summed up by quarter of an hour, as of the last look. null: not looked yet',
  ),
  daysThrough: timeOrNull.description('the same by UTC day; of the running day, a part'),
  minutesFrom: timeOrNull.description('clicks are kept by minute from this on. null: all are'),
  quartersFrom: timeOrNull.description('the same by quarter of an hour'),
  withoutMinutes: count.description(
    'clicks of this instance that came too late for the minutes that are kept: they are in quarters or days alone',
  ),
}).required()

const latency = Joi.object({ p50: size, p90: size, p99: size, p999: size })
  .required()
  .description('over the last minute')

const http = Joi.object({
  requests: count.description('answered since the start'),
  responses: Joi.object({ '2xx': count, '3xx': count, '4xx': count, '5xx': count }).required(),
  refused: Joi.object({
    connections: count.description(
      'closed at once: their client had its share, or there was no place for anybody',
    ),
    requests: count.description('answered with 429: too many of their client’s were in hand'),
  }).required(),
  malformedForwarded: count.description(
    'requests whose client was looked for and is not known: X-Forwarded-For of a trusted proxy could not be read',
  ),
  latencyMs: latency.description('of clicks: from a request’s headers to the end of its answer'),
  readingLatencyMs: latency.description('of /stats'),
  watchingLatencyMs: latency.description('of /health, /metrics, pages and all else'),
}).required()

const thread = Joi.object({
  id: count,
  requests: count,
  utilization: size.max(1).description('the part of the last second in which it was busy'),
  eventLoopDelayP99Ms: size.description('99th percentile of its event loop delay in the last second'),
}).required()

/** The document of GET /health, in every status. */
export const healthSchema = Joi.object({
  status: Joi.valid(...STATUSES)
    .required()
    .description('clicks may be sent here when it is ok or degraded: the answer is 200 then, else 503'),
  reason: reasonOrNull.description('why the status is degraded or refusing: the first of the reasons'),
  reasons: Joi.array().items(complaint).required().description('all of them, the most serious first'),
  version: text,
  instance: text.description('INSTANCE_NAME: what the other instances call this one'),
  startedAt: time,
  uptimeSeconds: size,
  clicks,
  ring,
  journal,
  flush,
  database,
  keys,
  banners,
  bots,
  history,
  http,
  threads: Joi.array().items(thread).min(1).required().description('the request threads'),
  memory: Joi.object({ rssBytes: count.description('of the whole process') }).required(),
})
  .required()
  .label('Health')

const SAMPLE_MEANINGS: Readonly<Record<SampleField, string>> = {
  clicksPerSecond: 'accepted, over 10 s',
  botsPerSecond: 'of these, bots',
  duplicatesPerSecond: 'of these, duplicates',
  stored: 'in Postgres, since the start',
  storedPerSecond: 'over 10 s',
  pending: 'accepted, not in Postgres yet',
  p50Ms: 'median latency of clicks, over a minute; null: no click came',
  p99Ms: '99th percentile',
  p999Ms: '99.9th percentile',
  flushMs: 'how long the last flush took; null: none yet, or the last one failed',
  journalBytes: 'size of the journal',
  oldestSeconds: 'age of the oldest click in the journal',
  databaseUp: '1: Postgres is up; 0: it is down; null: nobody has tried it yet',
  busiestPercent: 'of a second, in which the busiest request thread was busy',
  meanPercent: 'of a second, over all request threads',
  delayMs: '99th percentile of the event loop delay, of the request thread where it is largest',
}

const sampleColumn = (meaning: string) =>
  Joi.array().items(Joi.number().min(0).allow(null)).max(SAMPLE_SECONDS).required().description(meaning)

/** The document of GET /health/history. */
export const healthHistorySchema = Joi.object({
  everySeconds: Joi.valid(1).required().description('between an entry and the next one'),
  to: timeOrNull.description('the instant of the last entries; null: there are none yet'),
  samples: Joi.object(
    Object.fromEntries(SAMPLE_FIELDS.map(name => [name, sampleColumn(SAMPLE_MEANINGS[name])])),
  )
    .required()
    .description(
      'a column for each figure, all of the same length, oldest entry first. null: not known, as in a second in ' +
        'which the service was too busy to look',
    ),
})
  .required()
  .label('HealthHistory')
