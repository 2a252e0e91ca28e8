import Joi from '@hapi/joi'
import { tooManyClicks } from '../../entrance/limit.ts'
import { bulkSchema } from '../bulk-schema.ts'
import { OTHER_CONTENT } from '../idempotency-key.ts'
import { notJson } from '../json-body.ts'
import {
  documentedError,
  documentedUnavailable,
  documentedUnsupported,
  noStore,
  retryAfter,
} from '../operations/documented-answers.ts'
import type { Operation, Parameter } from '../operations/operation.ts'
import { preflightOperation } from '../operations/preflight.ts'

const bulk = {
  schema: bulkSchema.label('Bulk'),
  examples: {
    bulk: { value: { clicks: [{ id: 1 }, { id: 2, count: 5 }] } },
    classed: { value: { clicks: [{ id: 1 }, { id: 2, count: 5, class: 'bot' }] } },
    forwarded: {
      value: { clicks: [{ id: 1, userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', ip: '192.0.2.1' }] },
    },
  },
}

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The name of this bulk, and of no other, such as `web-3/2026-11-28T10:00/17`: 1 to 255 visible characters of ASCII. Whoever gets no answer sends the same ' +
    'bulk again with the same key. It is known for `IDEMPOTENCY_KEY_DAYS` at least.',
  schema: Joi.string().pattern(/^[!-~]{1,255}$/),
  // Without an example: it would be sent with each bulk that is tried out, and only the first of them would count.
}

export const countMany: Operation = {
  operationId: 'countMany',
  access: 'count',
  tags: ['Counting'],
  summary: 'Counts many clicks at once, all or nothing',
  description:
    'At most 1000000 clicks of at most `MAX_BANNERS` banners, in a body of at most 1 MiB. All of them count for ' +
    'the minute in which the request arrives. Clicks of banners that are not active are left out (`ignored.inactive`), ' +
    'and `accepted` is without them. An entry may say the class of its clicks, or of which client its one click is, for ' +
    'those who forward clicks from their own servers. With an `Idempotency-Key` a bulk counts once, however often it is ' +
    'sent, and to whichever instance. **Trying it out counts clicks.**',
  parameters: [idempotencyKey],
  requestBody: {
    required: true,
    content: {
      'application/json': bulk,
      // navigator.sendBeacon sends a string with this type. It is read as JSON.
      'text/plain': bulk,
    },
  },
  responses: {
    202: {
      description: 'All clicks of active banners are counted. They survive a crash of the service.',
      headers: { 'Cache-Control': noStore },
      content: {
        'application/json': {
          schema: Joi.object({ accepted: Joi.number().integer().min(0).required() }).unknown(),
          examples: { accepted: { value: { accepted: 6 } } },
        },
      },
    },
    400: documentedError(
      400,
      'Something is wrong with an entry, the body, the `Idempotency-Key` or the request, or with `UNKNOWN_BANNERS=refuse` ' +
        'nobody registered the banner of an entry. Nothing was counted.',
      'clicks[1].id is 0: it must be a whole number from 1 to 2147483647',
    ),
    413: documentedError(
      413,
      'The body is too long, or has more banners than a minute has room for, or more that nobody registered than it ' +
        'has room for, or more clicks than a client without a key may send in a minute. Nothing was counted.',
      'This counter holds 131072 banners a minute, and the request has 131073: send them in several.',
    ),
    422: documentedError(
      422,
      'The `Idempotency-Key` is known with other content: to this instance, or to Postgres. Nothing was counted. What is ' +
        'only found later counts under `refused.conflict`.',
      OTHER_CONTENT,
    ),
    429: documentedError(
      429,
      'Without a key: more clicks have come from the client than `CLIENT_CLICKS_PER_MINUTE`. They count under ' +
        '`refused.limit`; a bulk that is not even read, as one. Or too many wrong keys have come from there. Nothing was counted.',
      tooManyClicks(60, 1),
      { 'Retry-After': retryAfter },
    ),
    415: documentedUnsupported(notJson('application/json', 'text/plain')),
    503: documentedUnavailable(
      'The clicks cannot be kept now. Nothing was counted.',
      'The click could not be kept safely; send it again later.',
    ),
  },
}

export const allowCountingMany = preflightOperation('allowCountingMany', 'Counting', 'POST')
