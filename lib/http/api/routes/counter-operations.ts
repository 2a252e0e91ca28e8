import Joi from '@hapi/joi'
import { wrongBannerId } from '../../entrance/banner-id.ts'
import { errorAnswer, noStore, unavailableAnswer } from '../operations/answers.ts'
import type { Answer, Answers, Operation, Parameter } from '../operations/operation.ts'
import { bannerIdParameter } from '../operations/parameters.ts'
import { preflightOperation } from '../operations/preflight.ts'

const prefetchHeaders: readonly Parameter[] = [
  { name: 'Sec-Purpose', value: 'prefetch;prerender' },
  { name: 'Purpose', value: 'prefetch' },
  { name: 'X-Purpose', value: 'preview' },
  { name: 'X-Moz', value: 'prefetch' },
].map(({ name, value }) => ({
  name,
  in: 'header',
  required: false,
  description: `When it contains ${name === 'X-Moz' ? '' : '`preview` or '}\`prefetch\`, the request gets the usual answer, and counts under \`ignored.prefetch\` instead of as a click.`,
  schema: Joi.string().allow(''),
  examples: { [value.split(';', 1)[0]!]: { value } },
}))

const counted: Answer = {
  description: 'The click is counted (a prefetch is ignored). It survives a crash of the service.',
  headers: { 'Cache-Control': noStore },
}

const refusals: Answers = {
  400: errorAnswer(
    400,
    'The banner id is wrong, or the request is not well-formed HTTP. Nothing was counted.',
    wrongBannerId('01'),
  ),
  503: unavailableAnswer(
    'The click cannot be kept now. Nothing was counted.',
    'The click could not be kept safely; send it again later.',
  ),
}

const answers: Answers = { 204: counted, ...refusals }

export const countByGet: Operation = {
  operationId: 'countByGet',
  tags: ['Counting'],
  summary: 'Counts a click',
  description: 'A query string is ignored. **Trying it out counts a click.**',
  parameters: [bannerIdParameter, ...prefetchHeaders],
  responses: answers,
}

export const countByPost: Operation = {
  operationId: 'countByPost',
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
    413: errorAnswer(
      413,
      'The body is longer than 64 KiB. Nothing was counted.',
      'the body must not be longer than 65536 bytes',
    ),
  },
}

export const countByPixel: Operation = {
  ...countByGet,
  operationId: 'countByPixel',
  summary: 'Counts a click, for an `<img>`',
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
    ...refusals,
  },
}

const ignoredId: Parameter = {
  ...bannerIdParameter,
  description: 'Any text: it is not checked.',
  schema: Joi.string(),
  examples: { any: { value: '7' } },
}
export const allowCounting = preflightOperation('allowCounting', 'Counting', 'GET, POST', [ignoredId])
export const allowCountingByPixel = preflightOperation('allowCountingByPixel', 'Counting', 'GET', [ignoredId])
