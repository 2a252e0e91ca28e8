import { QuestionTooLargeError } from '../../lib/base/errors.ts'
import { comparedRange } from '../../lib/questions/compare.ts'
import type { Question } from '../../lib/questions/question.ts'
import type { TimeRange } from '../../lib/questions/time-range.ts'

/** The range of a question, and the one that it is compared with. */
export function rangesOf({ from, to, timeZone, compare }: Question): readonly [TimeRange, ...TimeRange[]] {
  const range = { from, to }
  if (compare === null) return [range]
  const compared = comparedRange(range, timeZone, compare)
  if (compared === null)
    throw new QuestionTooLargeError(
      'the range to compare with would begin before the year 1: ask without "compare"',
    )
  return [range, compared]
}
