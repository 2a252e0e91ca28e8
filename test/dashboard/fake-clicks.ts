import type { Page, Route } from 'playwright-core'
import type { Answer, Step } from '../../lib/dashboard/page/banner/types.d.ts'

export interface FakeQuestion {
  readonly from: string
  readonly to: string
  readonly step: Step
  readonly timeZone: string
  readonly compare?: 'previous' | 'year'
}

type Counted = Pick<Answer, 'total' | 'bots' | 'duplicates' | 'stats'>
/** What was counted in a step. */
export type Counter = (
  at: Temporal.ZonedDateTime,
  step: Step,
) => { v: number; bots?: number; duplicates?: number }

const LENGTHS: Readonly<Record<Step, Temporal.DurationLike>> = {
  minute: { minutes: 1 },
  quarter: { minutes: 15 },
  hour: { hours: 1 },
  day: { days: 1 },
  week: { weeks: 1 },
  month: { months: 1 },
}

/** What the service would answer, if so much had been counted. */
export function answerOf(
  bannerId: number,
  question: FakeQuestion,
  counter: Counter,
): Answer & { bannerId: number } {
  const { step, timeZone, compare } = question
  const [from, to] = [question.from, question.to].map(time =>
    Temporal.Instant.from(time).toZonedDateTimeISO(timeZone),
  )
  const days = from!.until(to!, { largestUnit: 'days' })
  const before = compare === 'year' ? { years: 1 } : days
  const range = { from: written(from!), to: written(to!) }
  const compared = {
    from: written(from!.subtract(before)),
    to: written(to!.subtract(before)),
    ...count(from!.subtract(before), to!.subtract(before), step, counter),
  }
  return {
    ...{ bannerId, ...range, step },
    ...count(from!, to!, step, counter),
    ...(compare === undefined ? {} : { compared }),
  }
}

function count(
  from: Temporal.ZonedDateTime,
  to: Temporal.ZonedDateTime,
  step: Step,
  counter: Counter,
): Counted {
  const stats: Answer['stats'][number][] = []
  for (let at = startOf(step, from); Temporal.ZonedDateTime.compare(at, to) < 0; at = at.add(LENGTHS[step]))
    stats.push({ ts: written(at), ...counter(at, step) })
  const sum = (of: 'v' | 'bots' | 'duplicates') => stats.reduce((all, stat) => all + (stat[of] ?? 0), 0)
  return { total: sum('v'), bots: sum('bots'), duplicates: sum('duplicates'), stats }
}

function startOf(step: Step, at: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  if (step === 'month') return at.with({ day: 1 }).startOfDay()
  if (step === 'week') return at.subtract({ days: at.dayOfWeek - 1 }).startOfDay()
  if (step === 'day') return at.startOfDay()
  const minute = step === 'hour' ? 0 : step === 'quarter' ? at.minute - (at.minute % 15) : at.minute
  return at.with({ minute, second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 })
}

function written(at: Temporal.ZonedDateTime): string {
  const text = at.toString({ smallestUnit: 'second', timeZoneName: 'never' })
  return at.timeZoneId === 'UTC' ? text.replace('+00:00', 'Z') : text
}

/** Answers the page's questions about clicks, and keeps them. */
export async function fakeClicks(page: Pick<Page, 'route'>, counter: Counter): Promise<FakeQuestion[]> {
  const questions: FakeQuestion[] = []
  await page.route(/\/stats\/\d+$/, async (route: Route) => {
    const question: FakeQuestion = route.request().postDataJSON()
    questions.push(question)
    const id = Number(route.request().url().split('/').at(-1))
    await route.fulfill({ json: answerOf(id, question, counter) })
  })
  return questions
}
