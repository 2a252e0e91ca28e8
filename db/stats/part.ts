import { type Cuts, cut, type Watermarks } from '../../lib/questions/cuts.ts'
import type { Question } from '../../lib/questions/question.ts'
import type { Step } from '../../lib/questions/step.ts'
import { leastSteps, stepStarts } from '../../lib/questions/step-starts.ts'
import { minutesOf, type TimeRange } from '../../lib/questions/time-range.ts'
import { refuseManyEntries } from './bounds.ts'

/** A range of a question, and where its clicks are. */
export interface Part {
  readonly range: TimeRange
  readonly step: Step
  /** Where the steps begin, in minutes since the epoch. */
  readonly starts: readonly number[]
  readonly cuts: Cuts
}

/** Throws QuestionTooLargeError where there are very many steps. */
export function partOf(
  { step, timeZone }: Pick<Question, 'step' | 'timeZone'>,
  range: TimeRange,
  marks: Watermarks,
): Part {
  const minutes = minutesOf(range)
  refuseManyEntries(leastSteps(step, minutes), 1)
  const starts = stepStarts({ ...range, step, timeZone })
  return { range, step, starts, cuts: cut(starts, minutes, marks) }
}
