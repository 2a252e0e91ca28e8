import Joi from '@hapi/joi'
import { corsHeaders, ORIGIN, originOf } from '../entrance/cors.ts'
import { accessAnswers } from './operations/access-answers.ts'
import { generalAnswers } from './operations/documented-answers.ts'
import type { DocumentedAnswer, Operation, Route } from './operations/operation.ts'

/** Lets pages of any origin read every answer of the routes, errors too. The document says so. */
export function forAnyOrigin(routes: readonly Route[]): Route[] {
  return routes.map(route => {
    const { plugins, ...options } = route.options
    return {
      ...route,
      options: {
        ...options,
        plugins: { ...plugins, operation: documented(plugins.operation!) },
        ext: {
          onPreResponse: {
            method: ({ response, raw }, h) => {
              const headers = response instanceof Error ? response.output.headers : response.headers
              Object.assign(headers, corsHeaders(originOf(raw.req.headers)))
              return h.continue
            },
          },
        },
      },
    }
  })
}

function documented(operation: Operation): Operation {
  const answers = { ...generalAnswers, ...accessAnswers(operation.access), ...operation.responses }
  const responses = Object.entries(answers).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...answer.headers, ...documentedHeaders(Number(status)) } },
  ])
  return { ...operation, responses: Object.fromEntries(responses) }
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
