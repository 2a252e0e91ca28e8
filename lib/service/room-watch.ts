import { sumOverThreads } from '../books/balance.ts'
import type { Conditions } from '../books/conditions.ts'
import type { Condition } from '../memory/conditions.ts'
import type { THREAD_NUMBER } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

const CHECK_INTERVAL_MS = 1000
/** It is over when so many checks have found that the number is the same: a minute. */
const CALM_CHECKS = 60

/** A number of the threads that grows while something has no room, and the condition that tells operators. */
interface Want {
  readonly number: keyof typeof THREAD_NUMBER
  readonly condition: Condition
  readonly text: string
}

/** Main's watch over what is in shared memory for all clients, and can be used up. */
export function watchRoom(memory: SharedMemory, conditions: Conditions): { stop(): void } {
  const looks = wantsOf(memory).map(want => lookFor(want, memory, conditions))
  const timer = setInterval(() => {
    for (const look of looks) look()
  }, CHECK_INTERVAL_MS)
  return { stop: () => clearInterval(timer) }
}

function lookFor(
  { number, condition, text }: Want,
  memory: SharedMemory,
  conditions: Conditions,
): () => void {
  let before = 0
  let calmChecks = CALM_CHECKS
  return () => {
    const now = sumOverThreads(memory, number)
    calmChecks = now > before ? 0 : calmChecks + 1
    before = now
    if (calmChecks >= CALM_CHECKS) conditions.clear(condition)
    else conditions.raise(condition, text)
  }
}

function wantsOf({ maxBanners }: SharedMemory): Want[] {
  return [
    {
      number: 'refusedUnknown',
      condition: 'unknown_banners_refused',
      text:
        'clicks of banners that nobody registered are refused: they use all room that the registered ones leave of ' +
        `MAX_BANNERS (${maxBanners}). Registered banners lose nothing. If these clicks are wanted, register ` +
        'their banners, or raise MAX_BANNERS. If somebody makes them up, UNKNOWN_BANNERS=refuse keeps them out',
    },
    {
      number: 'unnotedClicks',
      condition: 'notes_full',
      text:
        'more clicks come than there is room to remember for DUPLICATE_WINDOW: all are counted, and some duplicates ' +
        'count as valid. A shorter DUPLICATE_WINDOW, or another instance, needs less room for each',
    },
    {
      number: 'unlimitedClicks',
      condition: 'limits_full',
      text:
        'clicks come from more clients at once than there is room to remember: all are counted, and some clients are not ' +
        'held to CLIENT_CLICKS_PER_MINUTE. Another instance, with a balancer that hashes by client, mends it',
    },
  ]
}
