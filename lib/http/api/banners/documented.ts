import Joi from '@hapi/joi'
import { notJson } from '../json-body.ts'
import {
  documentedError,
  documentedUnavailable,
  documentedUnsupported,
  noStore,
} from '../operations/documented-answers.ts'
import type { DocumentedAnswer, Header, Parameter, Schema } from '../operations/operation.ts'
import { MAX_LIMIT, USUAL_LIMIT } from '../page-query.ts'

/* What the operations of /banners share. */

export const BANNERS_UNAVAILABLE =
  'The database cannot be asked at the moment: /health says why. Clicks and redirects go on. Try again later.'

export const version = '0b5e3f6a-5d0c-4f0e-9d6c-1f6b0a5f2c11'
export const content = {
  name: 'Autumn sale 300×250',
  target: 'https://shop.example/autumn?click={click_id}',
  campaign: 'autumn',
  labels: ['mobile'],
  passQuery: ['utm_source'],
  isActive: true,
  activeFrom: null,
  activeUntil: '2026-12-01T00:00:00Z',
}
export const banner = {
  ...{ id: 7, ...content, version },
  updatedAt: '2026-11-27T10:00:00Z',
  updatedBy: 'newsroom',
}

export const unavailable = documentedUnavailable('Postgres cannot be reached.', BANNERS_UNAVAILABLE)

export const unknown = documentedError(
  404,
  'Nobody has registered a banner with this id.',
  'banner 7 is not registered: PUT registers it',
)

export const changedMeanwhile = documentedError(
  412,
  'If-Match or If-None-Match does not hold: somebody has changed the banner since. Nothing was changed.',
  'somebody else has changed banner 7 meanwhile: read it again, and change that',
)

export const etag: Header = {
  description: 'The version, in quotes.',
  required: true,
  schema: Joi.string().pattern(/^"[\da-f-]{36}"$/),
}

/** 200, or 201, in JSON. */
export function good(
  description: string,
  schema: Schema,
  value: object,
  headers: DocumentedAnswer['headers'] = {},
): DocumentedAnswer {
  const answer = { 'application/json': { schema, examples: { answer: { value } } } }
  return { description, headers: { 'Cache-Control': noStore, ...headers }, content: answer }
}

/** 400 of a request with this mistake. */
export function wrong(example: string): DocumentedAnswer {
  return documentedError(400, 'The request is wrong. Nothing was changed.', example)
}

export const unsupported = documentedUnsupported(notJson('application/json'))

export const ifMatch = tagParameter(
  'If-Match',
  'The version that the caller has seen, as ETag has it: when it is another one by now, the answer is 412. `*`: any ' +
    'version. The comparison is strong, so `W/"…"` is never the version. Left out: whatever is there.',
  `"${version}"`,
)

export const ifNoneMatch = tagParameter(
  'If-None-Match',
  '`*`: only if there is no such banner, else 412.',
  '*',
)

export const ifNewer = tagParameter(
  'If-None-Match',
  'A version that the caller has: if it is still the present one, the answer is 304.',
  `"${version}"`,
)

function tagParameter(name: string, description: string, example: string): Parameter {
  return {
    ...{ name, in: 'header', required: false, description },
    schema: Joi.string(),
    examples: { usual: { value: example } },
  }
}

/** Parameters of a list that comes in pages. */
export const pageParameters: readonly Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    required: false,
    description: `Entries at most. Left out: ${USUAL_LIMIT}.`,
    schema: Joi.number().integer().min(1).max(MAX_LIMIT),
    examples: { most: { value: MAX_LIMIT } },
  },
  {
    name: 'after',
    in: 'query',
    required: false,
    description: 'What `next` was in the answer with the page before. Left out: the first page.',
    schema: Joi.string(),
    examples: { second: { value: 'YWZ0ZXIgNw' } },
  },
]
