import Boom from '@hapi/boom'
import { wrongPath } from '../entrance/refused-paths.ts'
import { MAX_READ_BYTES } from '../listener/limits.ts'
import { readBody, unreadAnything } from './body.ts'
import type { Route } from './operations/operation.ts'

/** Answers 404 to every path that no other route has. Hapi's own 404 says only "Not Found". */
export const unknownPathRoute: Route = {
  method: '*',
  path: '/{path*}',
  options: { payload: unreadAnything, plugins: { operation: null } },
  handler: async request => {
    // The body is read before the refusal, as in other-methods.ts.
    if (request.payload) await readBody(request, MAX_READ_BYTES)
    throw Boom.notFound(wrongPath(request.path))
  },
}
