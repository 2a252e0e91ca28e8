/** A half-open range of time, [from, to): of minutes it has those that start in it. */
export interface TimeRange {
  readonly from: Date
  readonly to: Date
}

const DAY_MS = 86_400_000
export const MAX_RANGE_DAYS = 3660

/** What is wrong with a range: it is empty or upside down (`order`), or too long (`length`). null: nothing is. */
export function mistakeInRange({ from, to }: TimeRange): 'order' | 'length' | null {
  if (from >= to) return 'order'
  return to.getTime() - from.getTime() > MAX_RANGE_DAYS * DAY_MS ? 'length' : null
}
