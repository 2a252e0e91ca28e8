import Joi from '@hapi/joi'
import type { Access } from '../../../access/scopes.ts'
import { missingKey, tooManyFailures, unknownKeys } from '../../access/refusals.ts'
import { documentedError, documentedUnavailable, retryAfter } from './documented-answers.ts'
import type { DocumentedAnswers, Header } from './operation.ts'

/** What a request may have to show; see lib/http/access. */
export const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'cck_ and 36 letters and digits',
    description: 'A key that `npm run keys -- create` or `POST /keys` has made, or the setting `ADMIN_KEY`.',
  },
}

/** What OpenAPI says of who may use an operation. An empty requirement says that it may be open. */
export function securityOf(access: Access): readonly Readonly<Record<string, readonly string[]>>[] {
  if (access === 'public') return []
  return access === 'count' || access === 'read' ? [{ key: [access] }, {}] : [{ key: [access] }]
}

export const challenge: Header = {
  description: 'What is needed, see RFC 6750.',
  required: true,
  schema: Joi.string().pattern(/^Bearer realm="clickcounter"(, error="invalid_token")?$/),
}

/** The answers to who is not let in. An operation of any access but `public` may give them. */
export function accessAnswers(access: Access): DocumentedAnswers {
  if (access === 'public') return {}
  return {
    401: documentedError(401, 'The request has no key, or one that is not in force.', missingKey().message, {
      'WWW-Authenticate': challenge,
    }),
    403: documentedError(
      403,
      `The key has not the scope \`${access}\`. Or nothing proves that the request comes from a page of this service, and ` +
        'it has a session in place of a key.',
      `this key has not the scope ${access}: use one that has it`,
      {
        'WWW-Authenticate': {
          description: 'Missing when there is no key at all yet, and when the proof is missing.',
          required: false,
          schema: Joi.string().pattern(
            /^Bearer realm="clickcounter", error="insufficient_scope", scope="\w+"$/,
          ),
        },
      },
    ),
    429: documentedLimit,
    ...(access === 'count' ? {} : { 503: documentedUnknownKeys }),
  }
}

/** 429 to a wrong key, and to a client with too many requests. */
export const documentedLimit = documentedError(
  429,
  'Too many wrong keys have come from this client, or too many of its requests wait for their answers. Nothing was done. ' +
    'A key in force is never limited.',
  tooManyFailures(42_000).message,
  { 'Retry-After': retryAfter },
)

/** 503 to whom it is not known whether to let in. */
export const documentedUnknownKeys = documentedUnavailable(
  'It is not known yet which keys there are.',
  unknownKeys().message,
)
