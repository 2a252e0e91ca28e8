import type { InstanceState } from '../../db/fleet/fleet.ts'
import type { NUMBER } from './layout.ts'

/** The names of the instances by state among the service-wide numbers. */
export const FLEET_NUMBERS = {
  serving: 'fleetServing',
  draining: 'fleetDraining',
  stopped: 'fleetStopped',
  lost: 'fleetLost',
  forgotten: 'fleetForgotten',
} as const satisfies Readonly<Record<InstanceState, keyof typeof NUMBER>>
