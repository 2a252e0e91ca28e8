import { setImmediate } from 'node:timers/promises'
import { type Cuts, cut, type Watermarks } from '../../lib/questions/cuts.ts'
import type { Question } from '../../lib/questions/question.ts'
import type { Step } from '../../lib/questions/step.ts'
import { leastSteps, stepStarts } from '../../lib/questions/step-starts.ts'
import { minutesOf, startOf, type TimeRange } from '../../lib/questions/time-range.ts'
import { refuseManyEntries } from './bounds.ts'
import { rangesOf } from './ranges.ts'

/** Of a thread that has made none yet, 1 to 2 ms' work. */
const TURN_STEPS = 10_000

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

/** The ranges of a question. Throws QuestionTooLargeError where there are very many steps. */
export async function stepsOf(question: Question): Promise<readonly Steps[]> {
  const asked: Steps[] = []
  for (const range of rangesOf(question))
    asked.push({ range, step: question.step, starts: await startsIn(range, question) })
  return asked
}

/** stepStarts in turns of some thousand steps: the thread goes round after each. */
async function startsIn(
  range: TimeRange,
  { step, timeZone }: Pick<Question, 'step' | 'timeZone'>,
): Promise<readonly number[]> {
  const { from, to } = minutesOf(range)
  const least = leastSteps(step, { from, to })
  refuseManyEntries(least, 1)
  const length = Math.ceil((to - from) / Math.ceil(Math.max(least, 1) / TURN_STEPS))
  let starts: readonly number[] = []
  for (let begin = from; begin < to; begin += length) {
    const turn = { from: startOf(begin), to: startOf(Math.min(begin + length, to)) }
    const more = stepStarts({ ...turn, step, timeZone })
    // The step that a turn ends in is the first of the next one.
    starts = starts.concat(more[0] === starts.at(-1) ? more.slice(1) : more)
    await setImmediate()
  }
  return starts
}

/** The thread goes round after each range: one of 50 000 steps takes 1 ms. */
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

/** The minutes of a range, without their steps: there may be millions. */
export function minutesPart(range: TimeRange): Part {
  return { range, step: 'minute', starts: [], cuts: inMinutes(range) }
}

function partOf(steps: Steps, marks: Watermarks): Part {
  const { range, step, starts } = steps
  return { ...steps, cuts: step === 'minute' ? inMinutes(range) : cut(starts, minutesOf(range), marks) }
}

/** A minute is in minutes alone. */
function inMinutes(range: TimeRange): Cuts {
  const minutes = minutesOf(range)
  return { days: [], quarters: [], minutes: minutes.from < minutes.to ? [minutes] : [], moved: [] }
}
