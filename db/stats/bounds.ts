import { QuestionTooLargeError } from '../../lib/base/errors.ts'
import type { Question } from '../../lib/questions/question.ts'
import { countSteps } from '../../lib/questions/step-starts.ts'
import { minutesOf } from '../../lib/questions/time-range.ts'

/** Banners, or campaigns, of an answer. */
export const MAX_GROUPS = 1000
/** Of an answer that is not streamed, those without clicks as well. */
const MAX_ENTRIES = 50_000

/** Throws QuestionTooLargeError where so many groups may have too many entries. Nothing was read by then. */
export function refuseManyEntries(question: Question, groups: number): void {
  const steps = countSteps(question.step, minutesOf(question))
  if (steps * groups <= MAX_ENTRIES) return
  const each = groups === 1 ? '' : ` for each of ${groups} groups`
  throw new QuestionTooLargeError(
    `an answer has at most ${MAX_ENTRIES} entries, and this one may have ${steps}${each}: ask for a coarser step, a ` +
      `shorter range${groups === 1 ? '' : ', or fewer of them ("top")'}`,
  )
}

/** There are more groups than an answer has. */
export function tooManyGroups(): QuestionTooLargeError {
  return new QuestionTooLargeError(
    `an answer has at most ${MAX_GROUPS} groups, and there are more: ask for fewer of them ("top"), or choose fewer banners`,
  )
}
