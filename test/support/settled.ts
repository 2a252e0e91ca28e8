import { type ByClass, minus, NO_CLICKS } from '../../lib/rows/classes.ts'
import { NOTHING_SETTLED, type Settled } from '../../lib/rows/settled.ts'

/** Of so many clicks, some were lost, and the others are stored. */
export function settledAs(clicks: ByClass<number>, lost: ByClass<number> = NO_CLICKS): Settled {
  return { ...NOTHING_SETTLED, stored: minus(clicks, lost), lost }
}
