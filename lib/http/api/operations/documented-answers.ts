import { STATUS_CODES } from 'node:http'
import Joi from '@hapi/joi'
import { tooLarge, tooManyRequests } from '../../listener/client-errors.ts'
import { MAX_READ_BYTES } from '../../listener/limits.ts'
import { isLight } from '../../listener/route-kind.ts'
import type { DocumentedAnswer, DocumentedAnswers, Header } from './operation.ts'

/** A header that every answer has, with this value. */
export function fixedHeader(value: string, description: string): Header {
  return { description, required: true, schema: Joi.string().valid(value) }
}

export const noStore = fixedHeader('no-store', 'No cache may keep the answer.')
export const anyOrigin = fixedHeader('*', 'Pages of any origin may read it.')
export const retryAfter: Header = {
  description: 'Seconds after which to try again.',
  required: true,
  schema: Joi.number().integer().min(1),
}

/** Of an answer in the format that Accept prefers. */
export const varyAccept: Header = {
  description: 'The format depends on Accept.',
  required: true,
  schema: Joi.string().pattern(/^accept(,|$)/),
}

const errorSchema = Joi.object({
  statusCode: Joi.number().integer().min(400).max(599).required(),
  error: Joi.string().required().description('The name of the status.'),
  message: Joi.string().required().description('What is wrong, and what would be right.'),
})
  .unknown()
  .label('Error')

const errorHeaders: DocumentedAnswer['headers'] = {
  'Cache-Control': {
    description: 'Missing when the request could not be read as HTTP.',
    required: false,
    schema: Joi.string().valid('no-cache'),
  },
}

/** An error. `message` is an example of what such an answer says. */
export function documentedError(
  statusCode: number,
  description: string,
  message: string,
  headers: DocumentedAnswer['headers'] = {},
): DocumentedAnswer {
  const value = { statusCode, error: STATUS_CODES[statusCode], message }
  return {
    description,
    headers: { ...errorHeaders, ...headers },
    content: { 'application/json': { schema: errorSchema, examples: { error: { value } } } },
  }
}

/** 503: the same request may succeed later. */
export function documentedUnavailable(description: string, message: string): DocumentedAnswer {
  return documentedError(503, description, message, { 'Retry-After': retryAfter })
}

/** 413 of a route that reads so many bytes at most. */
export function documentedTooLong(maxBytes: number): DocumentedAnswer {
  return documentedError(413, 'The body is too long.', tooLarge(maxBytes).message)
}

/** 415 of a route that reads a body of certain media types. `message`: what it says of another one. */
export function documentedUnsupported(message: string): DocumentedAnswer {
  const description = 'The body has another media type, or another Content-Encoding than gzip.'
  return documentedError(415, description, message, {
    'Accept-Encoding': {
      description: 'Present when Content-Encoding is the reason.',
      required: false,
      schema: Joi.string().valid('gzip'),
    },
  })
}

/** Headers that any answer may have. */
export const generalHeaders: DocumentedAnswer['headers'] = {
  'Content-Encoding': {
    description: 'Present when Accept-Encoding allows it and the body is long enough.',
    required: false,
    schema: Joi.string().valid('gzip', 'deflate'),
  },
  Vary: {
    description: 'The request headers that the answer depends on.',
    required: false,
    schema: Joi.string(),
  },
}

/** The answers that any request may get on a path; see ambiguous.ts, client-errors.ts, http-connections.ts and server.ts. */
export function generalAnswers(path: string): DocumentedAnswers {
  return isLight(path) ? anyAnswers : { ...anyAnswers, 429: documentedTooMany }
}

const documentedTooMany = documentedError(
  429,
  'Too many requests of this client wait for their answers. Nothing was done.',
  tooManyRequests().message,
  { 'Retry-After': retryAfter },
)

const anyAnswers: DocumentedAnswers = {
  400: documentedError(
    400,
    'The request is not well-formed HTTP. The connection is closed.',
    'the request must be well-formed HTTP/1.1',
  ),
  408: documentedError(408, 'The request did not arrive in time.', 'the request did not arrive in time'),
  413: documentedTooLong(MAX_READ_BYTES),
  417: documentedError(
    417,
    'The Expect header is another one than 100-continue.',
    'the only expectation that is met is 100-continue',
  ),
  431: documentedError(
    431,
    'The request line and the headers are longer than 32 KiB.',
    'the request line and the headers are too long',
  ),
  500: documentedError(500, 'A fault of the service.', 'An internal server error occurred', {
    'X-Request-Id': {
      description: 'The log has this id, or that of an earlier request which failed in the same way.',
      required: true,
      schema: Joi.string(),
    },
  }),
}
