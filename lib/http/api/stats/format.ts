import type { ManyStats } from '../../../../db/stats/read-many.ts'
import type { StatsPart } from '../../../../db/stats/read-stats.ts'
import type { ManyQuestion, Question } from '../../../questions/question.ts'

/** A format that /stats answers in. Both ways of writing yield pieces: no thread is busy with all of them at once. */
export interface StatsFormat {
  /** The Content-Type with its parameters. */
  readonly contentType: string
  /** The name for an answer about `what` when it is saved as a file. null: answers of this format are not saved. */
  readonly fileName: ((what: string, question: Question) => string) | null
  /** The clicks of one banner. Memory must not hold a year of minutes. */
  one(parts: AsyncIterable<StatsPart>, bannerId: number, question: Question): AsyncGenerator<Buffer, void>
  /** Those of many. `hasSteps`: entries are wanted beside the sums. */
  many(answer: ManyStats, question: ManyQuestion, hasSteps: boolean): Iterable<Buffer>
}
