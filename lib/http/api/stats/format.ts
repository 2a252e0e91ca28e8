import type { StatsPart } from '../../../../db/stats/read-stats.ts'
import type { TimeRange } from '../../../questions/time-range.ts'

/** A format of /stats' answers. */
export interface StatsFormat {
  /** The Content-Type with its parameters. */
  readonly contentType: string
  /** The name for the answer when it is saved as a file. null: it is not meant for that. */
  readonly fileName: ((bannerId: number, range: TimeRange) => string) | null
  /** Yields the answer in pieces: memory never holds a year of minutes. */
  write(parts: AsyncIterable<StatsPart>, bannerId: number, range: TimeRange): AsyncGenerator<string, void>
}
