import type { Server, Totals } from './server.ts'

/** What must be zero. */
export interface Oracle {
  /** Requests that were not answered, or not with success. */
  readonly failed: number
  /** Clicks that were acknowledged and are not stored. */
  readonly lost: number
  /** Clicks that are stored and were never sent. */
  readonly doubled: number
}

/** In the order of the tables. */
export const ORACLE_FIGURES = ['failed', 'lost', 'doubled'] as const

/** What must be zero, of all samples together. */
export function oracleTotals(samples: readonly Oracle[]): number[] {
  return ORACLE_FIGURES.map(figure => samples.reduce((sum, sample) => sum + sample[figure], 0))
}

interface Acknowledged {
  readonly acknowledged: number
  /** For at most this many clicks, nobody saw the answer. They may be counted or not. */
  readonly unanswered: number
}

/** Does something with clicks and compares what was acknowledged with what the server has afterwards. */
export async function audited<Result extends { readonly acknowledged: number }>(
  server: Pick<Server, 'totals'>,
  unanswered: number,
  act: () => Promise<Result>,
): Promise<Result & Omit<Oracle, 'failed'>> {
  const before = await server.totals()
  const result = await act()
  const after = await server.totals()
  const clicks = {
    acknowledged: result.acknowledged,
    unanswered,
    accepted: after.accepted - before.accepted,
    stored: after.stored - before.stored,
  }
  return { ...result, ...discrepancy(clicks) }
}

/**
 * A click goes from the client to the books, and from the books to where it is kept. Between
 * client and books, unanswered clicks may make a difference. Between the books and where clicks
 * are kept, there must be none.
 */
export function discrepancy({ acknowledged, unanswered, accepted, stored }: Totals & Acknowledged) {
  return {
    lost: Math.max(0, acknowledged - accepted) + Math.max(0, accepted - stored),
    doubled: Math.max(0, accepted - acknowledged - unanswered) + Math.max(0, stored - accepted),
  }
}

export function isSound(samples: readonly Oracle[]): boolean {
  return oracleTotals(samples).every(total => total === 0)
}
