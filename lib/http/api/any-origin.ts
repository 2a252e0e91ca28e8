import Joi from '@hapi/joi'
import { corsHeaders, ORIGIN, originOf } from '../entrance/cors.ts'
import { withHeaders } from './each-answer.ts'
import type { DocumentedAnswer, Route } from './operations/operation.ts'

/** Lets pages of any origin read every answer of the routes, errors too. The document says so. */
export function forAnyOrigin(routes: readonly Route[]): Route[] {
  return withHeaders(routes, {
    of: ({ raw }) => corsHeaders(originOf(raw.req.headers)),
    documented: documentedHeaders,
  })
}

function documentedHeaders(statusCode: number): DocumentedAnswer['headers'] {
  return {
    'Access-Control-Allow-Origin': {
      description: 'The `Origin` of the request, or `*`. Missing when the request could not be read as HTTP.',
      required: statusCode < 400,
      schema: Joi.string().pattern(new RegExp(`^(\\*|${ORIGIN})$`)),
    },
    'Access-Control-Allow-Credentials': {
      description: 'Where the request had an `Origin`.',
      required: false,
      schema: Joi.string().valid('true'),
    },
  }
}
