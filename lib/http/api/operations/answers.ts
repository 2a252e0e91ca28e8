import { STATUS_CODES } from 'node:http'
import Joi from '@hapi/joi'
import type { Answer, Answers, Header } from './operation.ts'

/** A header that is always there with the same value. */
export function fixedHeader(value: string, description: string): Header {
  return { description, required: true, schema: Joi.string().valid(value) }
}

export const noStore = fixedHeader('no-store', 'It is of this moment; nobody may keep it.')
export const anyOrigin = fixedHeader('*', 'Pages of any origin may read it.')
export const retryAfter: Header = {
  description: 'Seconds after which to try again.',
  required: true,
  schema: Joi.number().integer().min(1),
}

const errorSchema = Joi.object({
  statusCode: Joi.number().integer().min(400).max(599).required(),
  error: Joi.string().required().description('The name of the status.'),
  message: Joi.string().required().description('What is wrong, and what would be right.'),
})
  .unknown()
  .label('Error')

const errorHeaders: Answer['headers'] = {
  'Cache-Control': {
    description: 'Not there on what never became a request.',
    required: false,
    schema: Joi.string().valid('no-cache'),
  },
}

/** An error, `message` being one that such an answer may have. */
export function errorAnswer(
  statusCode: number,
  description: string,
  message: string,
  headers: Answer['headers'] = {},
): Answer {
  const value = { statusCode, error: STATUS_CODES[statusCode], message }
  return {
    description,
    headers: { ...errorHeaders, ...headers },
    content: { 'application/json': { schema: errorSchema, examples: { error: { value } } } },
  }
}

/** 503: the same request will be taken later. */
export function unavailableAnswer(description: string, message: string): Answer {
  return errorAnswer(503, description, message, { 'Retry-After': retryAfter })
}

/** 415 of a route that takes JSON of `types`; see json-body.ts. */
export function unsupportedAnswer(types: string): Answer {
  const description = 'The body is of another type, or encoded otherwise than with gzip.'
  return errorAnswer(415, description, `the body must be JSON, of type ${types}`, {
    'Accept-Encoding': {
      description: 'Where it is the encoding.',
      required: false,
      schema: Joi.string().valid('gzip'),
    },
  })
}

/** What any answer may have. */
export const generalHeaders: Answer['headers'] = {
  'Content-Encoding': {
    description: 'For those whose Accept-Encoding asks for it, and longer bodies.',
    required: false,
    schema: Joi.string().valid('gzip', 'deflate'),
  },
  Vary: { description: 'What the answer depends on.', required: false, schema: Joi.string() },
}

/** What any request may be answered with, whatever it asks for; see refusal.ts, client-errors.ts and server.ts. */
export const generalAnswers: Answers = {
  400: errorAnswer(
    400,
    'The request is not well-formed HTTP. The connection is closed.',
    'the request must be well-formed HTTP/1.1',
  ),
  408: errorAnswer(408, 'The request did not arrive in time.', 'the request did not arrive in time'),
  413: errorAnswer(413, 'The body is too long.', 'the body must not be longer than 1048576 bytes'),
  417: errorAnswer(
    417,
    'The Expect header asks for something else than 100-continue.',
    'the only expectation that is met is 100-continue',
  ),
  431: errorAnswer(
    431,
    'The request line and the headers are longer than 32 KiB.',
    'the request line and the headers are too long',
  ),
  500: errorAnswer(500, 'A mistake of the service.', 'An internal server error occurred', {
    'X-Request-Id': {
      description: 'The same is in the log, or an earlier one of a failure that goes on.',
      required: true,
      schema: Joi.string(),
    },
  }),
}
