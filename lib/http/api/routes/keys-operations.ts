import Joi from '@hapi/joi'
import { notJson } from '../json-body.ts'
import { accessAnswers } from '../operations/access-answers.ts'
import {
  documentedError,
  documentedTooLong,
  documentedUnavailable,
  documentedUnsupported,
  noStore,
} from '../operations/documented-answers.ts'
import type {
  DocumentedAnswer,
  DocumentedAnswers,
  Examples,
  Operation,
  Parameter,
  Schema,
} from '../operations/operation.ts'
import {
  keyListSchema,
  madeKeySchema,
  revokedKeySchema,
  rotationSchema,
  wantedKeySchema,
} from './key-bodies.ts'

export const KEYS_UNAVAILABLE =
  'The database cannot be asked at the moment: /health says why. Keys that exist are in force. Try again later.'

const id = '0b5e3f6a-5d0c-4f0e-9d6c-1f6b0a5f2c11'
const key = { id, name: 'newsroom', scopes: ['read'], expiresAt: '2027-12-12T00:00:00.000Z' }
const listed = {
  ...key,
  createdAt: '2026-12-12T10:00:00.000Z',
  createdBy: 'shell',
  revokedAt: null,
  replacedBy: null,
  lastUsedOn: '2026-12-13',
}

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the key, as `GET /keys` lists it.',
  schema: Joi.string(),
  examples: { id: { value: id } },
}

function body(schema: Schema, examples: Examples) {
  const content = { 'application/json': { schema, examples } }
  return { description: 'At most 4096 bytes.', required: true, content }
}

function good(description: string, schema: Schema, value: object): DocumentedAnswer {
  const content = { 'application/json': { schema, examples: { answer: { value } } } }
  return { description, headers: { 'Cache-Control': noStore }, content }
}

const unavailable = documentedUnavailable(
  'Postgres cannot be reached, or the keys are not known yet.',
  KEYS_UNAVAILABLE,
)
const unknown = documentedError(
  404,
  'There is no such key.',
  'there is no key with this id: look it up in the list of keys',
)

function forbidden(description: string): DocumentedAnswer {
  return { ...accessAnswers('operate')[403]!, description }
}

/** The answers of a route that gives somebody a key. */
function giving(made: DocumentedAnswer, wrong: string, conflict: string): DocumentedAnswers {
  return {
    201: made,
    400: documentedError(400, 'The body, or the request itself, is wrong.', wrong),
    403: forbidden('The key has not the scope `operate`, or not all scopes that it would give.'),
    409: documentedError(409, 'It cannot be made now.', conflict),
    413: documentedTooLong(4096),
    415: documentedUnsupported(notJson('application/json')),
    503: unavailable,
  }
}

export const listKeys: Operation = {
  operationId: 'listKeys',
  access: 'operate',
  tags: ['Keys'],
  summary: 'All keys, without their texts',
  description: 'Also those that were revoked in the last 90 days. The setting `ADMIN_KEY` is none of them.',
  responses: { 200: good('The keys.', keyListSchema, { keys: [listed] }), 503: unavailable },
}

export const createKey: Operation = {
  operationId: 'createKey',
  access: 'operate',
  tags: ['Keys'],
  summary: 'Makes a key',
  description:
    'It is in force on this instance with the answer, and on all others within 2 s. The first one closes the service.',
  requestBody: body(wantedKeySchema, {
    key: { value: { name: 'newsroom', scopes: ['read'], expiresAt: '2027-12-12' } },
  }),
  responses: giving(
    good('The key, with its text.', madeKeySchema, { text: 'cck_…', key }),
    'a scope is named twice',
    'there are 1000 keys, and more are not taken: revoke some, expired ones count as well',
  ),
}

export const revokeKey: Operation = {
  operationId: 'revokeKey',
  access: 'operate',
  tags: ['Keys'],
  summary: 'Revokes a key',
  description:
    'It is over on this instance with the answer, and on all others within 2 s, with its sessions. **With the last ' +
    'key, the service is open again**, so that takes a key with `count` and `read`. To revoke a key twice changes ' +
    'nothing.',
  parameters: [idParameter],
  responses: {
    200: good('It is revoked.', revokedKeySchema, { key, open: false }),
    403: forbidden(
      'The key has not the scope `operate`, or revokes the last key without `count` and `read`.',
    ),
    404: unknown,
    503: unavailable,
  },
}

export const rotateKey: Operation = {
  operationId: 'rotateKey',
  access: 'operate',
  tags: ['Keys'],
  summary: 'Makes a key in place of another, which stays in force for a while',
  description: 'The new key has the name and the scopes of the old one.',
  parameters: [idParameter],
  requestBody: body(rotationSchema, { day: { value: { overlapSeconds: 86400 } }, usual: { value: {} } }),
  responses: {
    ...giving(
      good('The new key, with its text.', madeKeySchema, { text: 'cck_…', key }),
      '"overlapSeconds" must be greater than or equal to 0',
      `the key ${id} is revoked: make a new one`,
    ),
    404: unknown,
  },
}
