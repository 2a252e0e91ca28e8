import { sumOverThreads } from '../books/balance.ts'
import type { Conditions } from '../books/conditions.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

const CHECK_INTERVAL_MS = 1000
/** It is over when so many checks have found no further click refused: a minute. */
const CALM_CHECKS = 60

/** Main's watch over the ring: tells operators when unknown banners find no room beside registered ones. */
export function watchRoom(memory: SharedMemory, conditions: Conditions): { stop(): void } {
  let refused = 0
  let calmChecks = CALM_CHECKS
  const timer = setInterval(() => {
    const refusedEver = sumOverThreads(memory, 'refusedUnknown')
    calmChecks = refusedEver > refused ? 0 : calmChecks + 1
    refused = refusedEver
    if (calmChecks >= CALM_CHECKS) conditions.clear('unknown_banners_refused')
    else
      conditions.raise(
        'unknown_banners_refused',
        `clicks of banners that nobody registered are refused: they use all room that the registered ones leave of ` +
          `MAX_BANNERS (${memory.maxBanners}). Registered banners lose nothing. If these clicks are wanted, register ` +
          'their banners, or raise MAX_BANNERS. If somebody makes them up, UNKNOWN_BANNERS=refuse keeps them out',
      )
  }, CHECK_INTERVAL_MS)
  return { stop: () => clearInterval(timer) }
}
