import { QuestionTooLargeError } from '../../lib/base/errors.ts'

/** Banners, or campaigns, of an answer. */
export const MAX_GROUPS = 1000
/** Of an answer that is not streamed, those without clicks as well. */
export const MAX_ENTRIES = 50_000

/**
 * Throws QuestionTooLargeError where so many groups, of so many steps each, have too many entries. To be asked before
 * anything of that size is made.
 */
export function refuseManyEntries(steps: number, groups: number): void {
  if (steps * groups <= MAX_ENTRIES) return
  const [each, less] =
    groups === 1
      ? ['', 'a coarser step, or a shorter range']
      : [` for each of ${groups} groups`, 'a coarser step, a shorter range, or fewer of them ("top")']
  throw new QuestionTooLargeError(
    `an answer has at most ${MAX_ENTRIES} entries, and this one would have ${steps}${each}: ask for ${less}`,
  )
}

/** There are more groups than an answer has. */
export function tooManyGroups(): QuestionTooLargeError {
  return new QuestionTooLargeError(
    `an answer has at most ${MAX_GROUPS} groups, and there are more: ask for the first of them ("top"), or choose fewer ` +
      'banners',
  )
}

/** Postgres was stopped. */
export function tooSlow(cause: unknown): QuestionTooLargeError {
  return new QuestionTooLargeError(
    'Postgres did not come to an end with it in time: ask for a shorter range, a coarser step, or fewer banners',
    cause,
  )
}
