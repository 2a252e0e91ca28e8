import Joi from '@hapi/joi'
import { anyOrigin, fixedHeader } from './documented-answers.ts'
import type { Operation, Parameter, Tag } from './operation.ts'

/** The operation of an OPTIONS route that allows pages of other origins `methods`, such as `GET, POST`. */
export function preflightOperation(
  operationId: string,
  tag: Tag,
  methods: string,
  parameters: readonly Parameter[] = [],
): Operation {
  return {
    operationId,
    access: 'public',
    tags: [tag],
    summary: 'Tells a browser which pages of other origins may use this path',
    parameters,
    responses: {
      204: {
        description: 'Nothing is counted.',
        headers: {
          'Access-Control-Allow-Origin': anyOrigin,
          'Access-Control-Allow-Methods': fixedHeader(methods, 'The methods that they may use.'),
          'Access-Control-Allow-Headers': {
            description: 'The headers that they may send.',
            required: true,
            schema: Joi.string(),
          },
          'Access-Control-Max-Age': fixedHeader(
            '86400',
            'Seconds for which the browser may keep the permission.',
          ),
          'Cache-Control': fixedHeader('no-cache', 'Other caches must ask again.'),
        },
      },
    },
  }
}
