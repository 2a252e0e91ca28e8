import { counted } from '../../lib/base/counted.ts'
import type { FleetInstance } from './fleet.ts'

/** What to do about an instance, a sentence; null: nothing. */
export function adviceFor({
  name,
  state,
  pending,
}: Pick<FleetInstance, 'name' | 'state' | 'pending'>): string | null {
  if (state === 'forgotten')
    return pending === 0
      ? null
      : `Nobody waits for its ${counted(pending, 'click')}. If its journal turns up, npm run journal -- store DIR stores them.`
  if (state !== 'lost') return null
  const held =
    pending === 0 ? 'It may hold clicks of its last seconds' : `It holds ${counted(pending, 'click')}`
  return (
    `${held}, and nothing after its last heartbeat is final. Start it again with the same DATA_DIR, or store its ` +
    `journal from elsewhere: npm run journal -- store DIR. If its disk is gone: npm run fleet -- forget ${name}.`
  )
}
