import type { StatsPart } from '../../../../db/stats/read-stats.ts'
import type { TimeRange } from '../../../questions/time-range.ts'

/** A format that /stats answers in. */
export interface StatsFormat {
  /** The Content-Type with its parameters. */
  readonly contentType: string
  /** The name for the answer when it is saved as a file. null: answers of this format are not saved. */
  readonly fileName: ((bannerId: number, range: TimeRange) => string) | null
  /** Yields the answer in pieces, because memory must not hold a year of minutes. */
  write(parts: AsyncIterable<StatsPart>, bannerId: number, range: TimeRange): AsyncGenerator<string, void>
}
