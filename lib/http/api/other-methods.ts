import Boom from '@hapi/boom'
import { wrongMethod } from '../entrance/refused-paths.ts'
import { MAX_READ_BYTES } from '../listener/limits.ts'
import { readBody, unreadAnything } from './body.ts'
import type { Route } from './operations/operation.ts'

type Method = Route['method']

/** Routes that answer 405 to a request for a path of `routes` by a method that the path does not have. */
export function otherMethodRoutes(routes: readonly Route[]): Route[] {
  const byPath = Map.groupBy(routes, ({ path }) => path)
  const methodsOf = (path: string) => byPath.get(path)?.map(({ method }) => method) ?? []
  return [...byPath.keys()].flatMap(path => {
    const own = methodsOf(path)
    // /counter/1.gif also matches /counter/{id}. So the path of the pixel refuses each method of
    // /counter/{id} with a route of its own: otherwise the routes of /counter/{id} would take `1.gif` for a
    // banner id.
    const wider = methodsOf(path.replace(/\}[^/]+$/, '}'))
    const others = wider.filter(method => !own.includes(method))
    return [...others, '*' as const].map(method => refusalRoute(method, path, own))
  })
}

function refusalRoute(method: Method, path: string, own: readonly Method[]): Route {
  // Hapi answers HEAD through the route of GET.
  const allowed = own.flatMap(name => (name === 'GET' ? ['GET', 'HEAD'] : String(name))).sort()
  return {
    method,
    path,
    options: { ...(method === 'GET' ? {} : { payload: unreadAnything }), plugins: { operation: null } },
    handler: async request => {
      // With an unread body, Hapi would close the connection or keep it, by how much has arrived.
      if (request.payload) await readBody(request, MAX_READ_BYTES)
      throw Boom.methodNotAllowed(wrongMethod(request.method.toUpperCase(), allowed), null, allowed)
    },
  }
}
