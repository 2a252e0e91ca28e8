import type { Journal } from '../../lib/journal/keeper.ts'

/** For tests of what is kept in memory alone: nothing is recovered, written or removed. */
export const noJournal: Journal = {
  recover: () => [],
  ownEnd: () => ({ kind: 'writer', writer: '00000000-0000-4000-8000-000000000000', totalClicks: 0 }),
  spill: batch => batch,
  grown: () => {},
  isGone: () => false,
  stored: () => {},
  measure: () => 0,
}

/** A thread's part of it that writes nothing. */
export const noSegment = { append: () => {}, close: () => {} }
