import { MAX_BODY_BYTES } from '../../entrance/click-body.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { readBody, unreadAnything } from '../body.ts'
import { type ClickRoutesOptions, clickHandler } from '../click-handler.ts'
import type { Route } from '../operations/operation.ts'
import { preflightRoute } from '../preflight.ts'
import {
  allowCounting,
  allowCountingByPixel,
  countByGet,
  countByPixel,
  countByPost,
} from './counter-operations.ts'

/** GET and POST /counter/{id}, GET /counter/{id}.gif: one click. */
export function counterRoutes(options: ClickRoutesOptions): Route[] {
  const handler = clickHandler(options, 'counter')
  return forAnyOrigin([
    { method: 'GET', path: '/counter/{id}', handler, options: { plugins: { operation: countByGet } } },
    {
      method: 'POST',
      path: '/counter/{id}',
      handler: async (request, h) => {
        // The body is ignored, but must arrive first: a request that breaks off is not a click.
        await readBody(request, MAX_BODY_BYTES)
        return handler(request, h)
      },
      options: { payload: unreadAnything, plugins: { operation: countByPost } },
    },
    preflightRoute('/counter/{id}', 'GET, POST', allowCounting),
    {
      method: 'GET',
      path: '/counter/{id}.gif',
      handler: clickHandler(options, 'pixel'),
      options: { plugins: { operation: countByPixel } },
    },
    preflightRoute('/counter/{id}.gif', 'GET', allowCountingByPixel),
  ])
}
