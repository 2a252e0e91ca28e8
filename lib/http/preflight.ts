import type { ServerRoute } from '@hapi/hapi'
import type { Operation } from './documentation/operation.ts'

/** Answers what a browser asks before a page of another origin may send a request that is out of the ordinary. */
export function preflightRoute(path: string, methods: string, openapi: Operation): ServerRoute {
  return {
    method: 'OPTIONS',
    path,
    options: { plugins: { openapi } },
    handler: (_request, h) =>
      h
        .response()
        .code(204)
        .header('access-control-allow-origin', '*')
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', 'Content-Type')
        .header('access-control-max-age', '86400'),
  }
}
