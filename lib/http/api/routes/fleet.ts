import type { Fleet } from '../../../../db/fleet/fleet.ts'
import type { Route } from '../operations/operation.ts'
import { orRefusal } from '../or-refusal.ts'
import { FLEET_UNAVAILABLE, reportFleet } from './fleet-operations.ts'

export interface FleetRouteOptions {
  readonly fleet: { read(): Promise<Fleet> }
}

/** GET /fleet: all instances on this database. */
export function fleetRoute({ fleet }: FleetRouteOptions): Route {
  return {
    method: 'GET',
    path: '/fleet',
    options: { plugins: { operation: reportFleet } },
    handler: async (request, h) => {
      const found = await orRefusal(request, fleet.read(), { status: {}, unavailable: FLEET_UNAVAILABLE })
      return h.response(found).header('cache-control', 'no-store')
    },
  }
}
