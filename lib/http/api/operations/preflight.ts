import Joi from '@hapi/joi'
import { anyOrigin, fixedHeader } from './answers.ts'
import type { Operation, Parameter, Tag } from './operation.ts'

/** An OPTIONS route that lets pages of any origin use `methods`, for instance `GET, POST`. */
export function preflightOperation(
  operationId: string,
  tag: Tag,
  methods: string,
  parameters: readonly Parameter[] = [],
): Operation {
  return {
    operationId,
    tags: [tag],
    summary: 'Tells a browser that pages of any origin may do this',
    parameters,
    responses: {
      204: {
        description: 'Nothing was done.',
        headers: {
          'Access-Control-Allow-Origin': anyOrigin,
          'Access-Control-Allow-Methods': fixedHeader(methods, 'What they may do.'),
          'Access-Control-Allow-Headers': {
            description: 'Those that Access-Control-Request-Headers names, or `*`.',
            required: true,
            schema: Joi.string(),
          },
          'Access-Control-Max-Age': fixedHeader('86400', 'Seconds for which the browser need not ask again.'),
          'Cache-Control': fixedHeader('no-cache', 'Kept by that browser alone.'),
        },
      },
    },
  }
}
