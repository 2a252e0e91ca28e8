import { forAnyOrigin } from '../any-origin.ts'
import { type ClickRoutesOptions, clickHandler } from '../click-handler.ts'
import type { Route } from '../operations/operation.ts'
import { preflightRoute } from '../preflight.ts'
import { allowFollowing, follow } from './click-operations.ts'

/** GET /click/{id}: one click, which leads on to the banner's target. */
export function clickRoutes(options: ClickRoutesOptions): Route[] {
  return forAnyOrigin([
    {
      method: 'GET',
      path: '/click/{id}',
      handler: clickHandler(options, 'click'),
      options: { plugins: { operation: follow } },
    },
    preflightRoute('/click/{id}', 'GET', allowFollowing),
  ])
}
