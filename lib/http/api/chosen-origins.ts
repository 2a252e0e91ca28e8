import Joi from '@hapi/joi'
import { withHeaders } from './each-answer.ts'
import type { Route } from './operations/operation.ts'
import { preflightOperation } from './operations/preflight.ts'

/**
 * Lets pages of these origins read every answer of the routes, errors too, and lets them ask with a key. Not with
 * cookies: a session is for our own pages alone. The routes have one path. Without origins nothing changes.
 */
export function forOrigins(
  origins: readonly string[],
  routes: readonly [Route, ...Route[]],
  operationId: string,
): Route[] {
  if (origins.length === 0) return [...routes]
  const [{ path, options }] = routes
  const methods = routes.map(({ method }) => method).join(', ')
  const { tags, parameters = [] } = options.plugins.operation!
  const inPath = parameters.filter(parameter => parameter.in === 'path')
  const allowed: Route = {
    method: 'OPTIONS',
    path,
    options: { plugins: { operation: preflightOperation(operationId, tags[0], methods, inPath) } },
    handler: (_request, h) =>
      h
        .response()
        .code(204)
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', 'authorization, content-type')
        .header('access-control-max-age', '86400'),
  }
  return withHeaders([...routes, allowed], {
    of: ({ raw }) => {
      const { origin } = raw.req.headers
      // Also where the origin is none of them: a cache must not answer one page with what is for another.
      const vary = { vary: 'origin' }
      return origin !== undefined && origins.includes(origin)
        ? { ...vary, 'access-control-allow-origin': origin }
        : vary
    },
    documented: () => ({
      'Access-Control-Allow-Origin': {
        description: 'The `Origin` of the request, if it is one of the setting `CORS_ORIGINS`.',
        required: false,
        schema: Joi.string().valid(...origins),
      },
    }),
  })
}
