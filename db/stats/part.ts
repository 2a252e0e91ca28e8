import { setImmediate } from 'node:timers/promises'
import { type Cuts, cut, type Watermarks } from '../../lib/questions/cuts.ts'
import type { Question } from '../../lib/questions/question.ts'
import type { Step } from '../../lib/questions/step.ts'
import { leastSteps, stepStarts } from '../../lib/questions/step-starts.ts'
import { minutesOf, type TimeRange } from '../../lib/questions/time-range.ts'
import { refuseManyEntries } from './bounds.ts'
import { rangesOf } from './ranges.ts'

/** A range of a question. */
export interface Steps {
  readonly range: TimeRange
  readonly step: Step
  /** Where the steps begin, in minutes since the epoch. */
  readonly starts: readonly number[]
}

/** The same, and where its clicks are. */
export interface Part extends Steps {
  readonly cuts: Cuts
}

/**
 * The ranges of a question. Throws QuestionTooLargeError where there are very many steps.
 *
 * 50 000 steps take a new thread 3 ms here, and 1 ms in `partsOf`: so the thread goes round after each range.
 */
export async function stepsOf(question: Question): Promise<readonly Steps[]> {
  const { step, timeZone } = question
  const asked: Steps[] = []
  for (const range of rangesOf(question)) {
    refuseManyEntries(leastSteps(step, minutesOf(range)), 1)
    asked.push({ range, step, starts: stepStarts({ ...range, step, timeZone }) })
    await setImmediate()
  }
  return asked
}

export async function partsOf(asked: readonly Steps[], marks: Watermarks): Promise<readonly Part[]> {
  const parts: Part[] = []
  for (const steps of asked) {
    parts.push(partOf(steps, marks))
    await setImmediate()
  }
  return parts
}

/** The whole of a range, in one step. */
export function wholePart(range: TimeRange, marks: Watermarks): Part {
  return partOf({ range, step: 'all', starts: stepStarts({ ...range, step: 'all', timeZone: 'UTC' }) }, marks)
}

function partOf(steps: Steps, marks: Watermarks): Part {
  const minutes = minutesOf(steps.range)
  // A minute is in minutes alone.
  const isByMinute = steps.step === 'minute' && steps.starts.length > 0
  const cuts = isByMinute ? { days: [], quarters: [], minutes: [minutes] } : cut(steps.starts, minutes, marks)
  return { ...steps, cuts }
}
