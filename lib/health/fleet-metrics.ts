import { INSTANCE_STATES } from '../../db/fleet/fleet.ts'
import { readNumber } from '../books/balance.ts'
import { FLEET_NUMBERS } from '../memory/fleet-numbers.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { Scrape } from './scrape.ts'

/** All instances on this database, as of the last look of this one. */
export function addFleet(scrape: Scrape, memory: SharedMemory): void {
  scrape.gauge(
    'clickcounter_fleet_instances',
    'Instances on this database by their state, as this one knows them.',
    {
      label: 'state',
      of: Object.fromEntries(INSTANCE_STATES.map(state => [state, readNumber(memory, FLEET_NUMBERS[state])])),
    },
  )
  const finalThroughMs = readNumber(memory, 'fleetFinalThroughMs')
  scrape.gauge(
    'clickcounter_fleet_final_through_seconds',
    'Time since the instant through which the clicks of all instances are stored; +Inf while it is not known.',
    finalThroughMs === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Date.now() - finalThroughMs) / 1000,
  )
  scrape.gauge(
    'clickcounter_fleet_lost_pending_clicks',
    'Clicks that lost instances had not stored when they were last seen.',
    readNumber(memory, 'fleetLostPending'),
  )
}
