import type { StatsPart } from '../../../../db/stats/read-stats.ts'
import type { TimeRange } from '../../../questions/time-range.ts'

/** A way to write an answer of /stats. */
export interface StatsFormat {
  /** The Content-Type with its parameters. */
  readonly contentType: string
  /** A name for who saves the answer, null where it is not meant for saving. */
  readonly fileName: ((bannerId: number, range: TimeRange) => string) | null
  /** The answer a piece at a time, so that a year of minutes is never held in memory. */
  write(parts: AsyncIterable<StatsPart>, bannerId: number, range: TimeRange): AsyncGenerator<string, void>
}
