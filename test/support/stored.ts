import type { StoredItem } from '../../lib/messages.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'

/** An item of one row that was stored now, with all its clicks. */
export const ALL_STORED: Omit<StoredItem, 'clicks'> = {
  rows: 1,
  lostClicks: NO_CLICKS,
  withoutMinutes: 0,
  damaged: [],
  repeated: NO_CLICKS,
  conflicts: [],
  expired: [],
}
