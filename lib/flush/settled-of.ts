import type { BacklogItem } from '../journal/files/item.ts'
import type { StoredItem } from '../messages.ts'
import { minus, NO_CLICKS, plus } from '../rows/classes.ts'
import { clicksOf } from '../rows/keyed-bulks.ts'
import { NOTHING_SETTLED, type Settled } from '../rows/settled.ts'
import { isOwn } from './ledger-expectation.ts'

/** What became of an item's clicks: of those that this process has accepted. */
export function settledOf(item: BacklogItem, result: StoredItem | null): Settled {
  if (!isOwn(item) || result === null) return NOTHING_SETTLED
  const { lostClicks: lost, repeated } = result
  const [conflicts, expired] = [clicksOf(result.conflicts), clicksOf(result.expired)]
  const others = [lost, repeated, conflicts, expired].reduce(plus, NO_CLICKS)
  return { stored: minus(item.totals, others), repeated, conflicts, expired, lost }
}
