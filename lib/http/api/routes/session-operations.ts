import Joi from '@hapi/joi'
import { SCOPES } from '../../../access/scopes.ts'
import { OF_OTHER_PAGE } from '../../access/same-origin.ts'
import { notJson } from '../json-body.ts'
import { challenge, documentedLimit, documentedUnknownKeys } from '../operations/access-answers.ts'
import {
  documentedError,
  documentedTooLong,
  documentedUnavailable,
  documentedUnsupported,
  noStore,
} from '../operations/documented-answers.ts'
import type { DocumentedAnswer, Operation } from '../operations/operation.ts'

export const LOG_OUT_UNAVAILABLE =
  'The database cannot record the log-out at the moment. This browser has forgotten the session; a copy of its ' +
  'cookie works until the session is over, or its key is revoked.'

const reportSchema = Joi.object({
  known: Joi.boolean().required().description('`false`: it is not known yet if there are keys.'),
  open: Joi.boolean().required().description('Whether nobody needs a key to count and to read.'),
  name: Joi.string().allow(null).required().description('The name of the session’s key.'),
  scopes: Joi.array()
    .items(Joi.string().valid(...SCOPES))
    .required()
    .description('What requests may do that have this session, or have none.'),
  until: Joi.string().isoDate().allow(null).required().description('When the session will be over.'),
})
  .unknown()
  .label('Session')

const loggedIn = {
  known: true,
  open: false,
  name: 'newsroom',
  scopes: ['read'],
  until: '2024-12-12T22:00:00.000Z',
}
const loggedOut = { known: true, open: false, name: null, scopes: [], until: null }

/** The cookie is a text that means nothing to anybody else, so no part of it is described. */
function setCookie(description: string, required: boolean) {
  const schema = Joi.string().pattern(/^(__Host-)?clickcounter=[\w.-]*; Max-Age=\d+; Expires=[^;]+; /)
  return { 'Set-Cookie': { description, required, schema } }
}

function good(
  description: string,
  value: object,
  headers: DocumentedAnswer['headers'] = {},
): DocumentedAnswer {
  const content = { 'application/json': { schema: reportSchema, examples: { session: { value } } } }
  return { description, headers: { 'Cache-Control': noStore, ...headers }, content }
}

const foreign = documentedError(
  403,
  'Nothing proves that the request comes from a page of this service.',
  OF_OTHER_PAGE,
)

export const readSession: Operation = {
  operationId: 'readSession',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'What a page may do, and who is logged in',
  responses: { 200: good('What holds now.', loggedIn) },
}

export const logIn: Operation = {
  operationId: 'logIn',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'Gives a page a session in place of a key',
  description:
    'The session is a cookie. It lasts 12 hours, and ends with its key. Programs send the key itself, in the header ' +
    '`Authorization`.',
  requestBody: {
    description: 'At most 4096 bytes.',
    required: true,
    content: {
      'application/json': {
        schema: Joi.object({ key: Joi.string().required() }),
        examples: { key: { value: { key: 'cck_…' } } },
      },
    },
  },
  responses: {
    200: good('The session has begun.', loggedIn, setCookie('The session, for this browser alone.', true)),
    400: documentedError(
      400,
      'The body is not of this form, or the request itself is wrong.',
      'the body must be of the form {"key":"cck_…"}',
    ),
    401: documentedError(
      401,
      'The key is not in force.',
      'the key is not in force: it is another service’s, or was revoked',
      { 'WWW-Authenticate': challenge },
    ),
    403: foreign,
    413: documentedTooLong(4096),
    415: documentedUnsupported(notJson('application/json')),
    429: documentedLimit,
    503: documentedUnknownKeys,
  },
}

const notRecorded = documentedUnavailable('Postgres does not answer.', LOG_OUT_UNAVAILABLE)

export const logOut: Operation = {
  operationId: 'logOut',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'Ends the session',
  description:
    'It is over on this instance with the answer, and on all others within 2 s. Without a session, nothing happens.',
  responses: {
    200: good('No session is left.', loggedOut, setCookie('Where there was a session: deletes it.', false)),
    403: foreign,
    503: {
      ...notRecorded,
      headers: { ...notRecorded.headers, ...setCookie('Deletes it all the same.', true) },
    },
  },
}
