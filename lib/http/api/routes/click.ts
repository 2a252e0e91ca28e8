import type { Entrance } from '../../entrance/entrance.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { clickHandler } from '../click-handler.ts'
import type { Route } from '../operations/operation.ts'
import { preflightRoute } from '../preflight.ts'
import { allowFollowing, follow } from './click-operations.ts'

/** GET /click/{id}: one click, which leads on to the banner's target. */
export function clickRoutes(entrance: Entrance): Route[] {
  return forAnyOrigin([
    {
      method: 'GET',
      path: '/click/{id}',
      handler: clickHandler(entrance, 'click'),
      options: { plugins: { operation: follow } },
    },
    preflightRoute('/click/{id}', 'GET', allowFollowing),
  ])
}
