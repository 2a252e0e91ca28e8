import Joi from '@hapi/joi'
import { wrongBannerId } from '../../../banners/banner-id.ts'
import { tooManyClicks } from '../../entrance/limit.ts'
import { PREFETCH_HEADERS } from '../../entrance/prefetch.ts'
import {
  documentedError,
  documentedUnavailable,
  noStore,
  retryAfter,
} from '../operations/documented-answers.ts'
import type { DocumentedAnswer, DocumentedAnswers, Operation, Parameter } from '../operations/operation.ts'
import { bannerIdParameter } from '../operations/parameters.ts'
import { preflightOperation } from '../operations/preflight.ts'

export const prefetchHeaders: readonly Parameter[] = PREFETCH_HEADERS.map(({ name, words, example }) => ({
  name,
  in: 'header',
  required: false,
  description:
    `When it contains ${words.map(word => `\`${word}\``).join(' or ')}, the request gets the usual answer, ` +
    'and counts under `ignored.prefetch` instead of as a click.',
  schema: Joi.string().allow(''),
  examples: { [example.split(';', 1)[0]!]: { value: example } },
}))

const counted: DocumentedAnswer = {
  description:
    'The click is counted, and survives a crash of the service. A prefetch is ignored, and so is a click of a ' +
    'banner that is registered and not active.',
  headers: { 'Cache-Control': noStore },
}

export const refusals: DocumentedAnswers = {
  400: documentedError(
    400,
    'The banner id is wrong, or the request is not well-formed HTTP. Nothing was counted.',
    wrongBannerId('01'),
  ),
  429: documentedError(
    429,
    'More clicks have come from the client than `CLIENT_CLICKS_PER_MINUTE`. Nothing was counted. It counts under ' +
      '`refused.limit`. A client is told apart by its address: IPv4, or the first 64 bits of IPv6. With a key that ' +
      'has the scope `count`, clicks are not limited.',
    tooManyClicks(60, 1),
    { 'Retry-After': retryAfter, 'Cache-Control': noStore },
  ),
  503: documentedUnavailable(
    'The click cannot be kept now. Nothing was counted.',
    'The click could not be kept safely; send it again later.',
  ),
}

const unknown = documentedError(
  404,
  'Nobody has registered the banner, and this service refuses such clicks: `UNKNOWN_BANNERS=refuse`. It counts under ' +
    '`ignored.unknown`.',
  'nobody has registered this banner',
  { 'Cache-Control': noStore },
)

const answers: DocumentedAnswers = { 204: counted, 404: unknown, ...refusals }

export const countByGet: Operation = {
  operationId: 'countByGet',
  access: 'public',
  tags: ['Counting'],
  summary: 'Counts a click',
  description: 'A query string is ignored. **Trying it out counts a click.**',
  parameters: [bannerIdParameter, ...prefetchHeaders],
  responses: answers,
}

export const countByPost: Operation = {
  operationId: 'countByPost',
  access: 'public',
  tags: ['Counting'],
  summary: 'Counts a click, for navigator.sendBeacon',
  description: '**Trying it out counts a click.**',
  parameters: [bannerIdParameter, ...prefetchHeaders],
  requestBody: {
    description: 'Any type, at most 64 KiB. The service ignores it.',
    required: false,
    content: { '*/*': { schema: {}, examples: { beacon: { value: '' } } } },
  },
  responses: {
    ...answers,
    413: documentedError(
      413,
      'The body is longer than 64 KiB. Nothing was counted.',
      'the body must not be longer than 65536 bytes',
    ),
  },
}

export const countByPixel: Operation = {
  ...countByGet,
  operationId: 'countByPixel',
  access: 'public',
  summary: 'Counts a click, for an img element',
  responses: {
    200: {
      ...counted,
      content: {
        'image/gif': {
          schema: { description: 'One transparent pixel, 43 bytes.' },
          examples: { pixel: { value: 'GIF89a…' } },
        },
      },
    },
    404: unknown,
    ...refusals,
  },
}

export const ignoredId: Parameter = {
  ...bannerIdParameter,
  description: 'Any text: it is not checked.',
  schema: Joi.string(),
  examples: { any: { value: '7' } },
}
export const allowCounting = preflightOperation('allowCounting', 'Counting', 'GET, POST', [ignoredId])
export const allowCountingByPixel = preflightOperation('allowCountingByPixel', 'Counting', 'GET', [ignoredId])
