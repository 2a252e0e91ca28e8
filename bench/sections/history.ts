import type { Held } from '../measuring/held-flushes.ts'
import { fillHistory, type HistoryShape, historyEnd, MONTH_DAYS } from '../measuring/history-data.ts'
import { measureSteps, type Steps } from '../measuring/history-steps.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio } from '../measuring/statistics.ts'
import { withDatabase } from '../measuring/stored.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const DAY_MINUTES = 1440
/** No whole hour away from UTC: none of its days is a whole one of UTC. */
const ZONE = 'Asia/Kathmandu'
/** For how long one step may hold flushes, with few banners and with many. */
const HELD_AIMS_MS = [300, 2000]

interface Asked {
  readonly name: string
  /** What it is to take, warm. */
  readonly goalMs: number
  readonly path: string
  readonly body: object
  /** The total of a right answer. */
  readonly total: number
}

interface Answer {
  readonly tookMs: number
  readonly bytes: number
  readonly isRight: boolean
}

export const history: Section = {
  name: 'history',
  title: 'History',
  question: 'how soon are days, months and many banners read, and what does it cost to sum them up?',
  needs: [],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 2 : 9
  const shape: HistoryShape = isQuick
    ? { yearDays: 40, busyBanners: 20, allBanners: 500 }
    : { yearDays: 365, busyBanners: 1000, allBanners: 100_000 }
  const end = historyEnd()
  const questions = questionsOf(shape, end)
  const answers = await measureQuestions(questions, shape, end, rounds)
  const steps = await measureSteps(isQuick)
  return {
    text: `${answersText(questions, answers, rounds)}\n${stepsText(steps)}`,
    raw: { shape, answers: questions.map(({ name }, nth) => ({ name, answers: answers[nth] })), steps },
    charts: {},
    isSound: answers.flat().every(({ isRight }) => isRight),
  }
}

/** What is asked for lies in the data: the last day is left out where a zone's days need a part of it. */
function questionsOf({ yearDays, busyBanners, allBanners }: HistoryShape, end: number): Asked[] {
  const time = (minute: number) => new Date(minute * 60_000).toISOString()
  const lastDays = (days: number) => ({ from: time(end - days * DAY_MINUTES), to: time(end) })
  const month = lastDays(MONTH_DAYS - 1)
  const monthMinutes = (MONTH_DAYS - 1) * DAY_MINUTES
  const year = lastDays(yearDays)
  const yearMinutes = yearDays * DAY_MINUTES
  const ids = Array.from({ length: busyBanners }, (_, nth) => nth + 1)
  return [
    {
      ...{ name: 'a year of one banner by day, UTC', goalMs: 15, path: '/stats/1', total: yearMinutes },
      body: { ...year, step: 'day' },
    },
    {
      ...{ name: `a year of one banner by day, ${ZONE}`, goalMs: 15, path: '/stats/1', total: yearMinutes },
      body: { ...year, step: 'day', timeZone: ZONE },
    },
    {
      ...{ name: 'its total', goalMs: 6, path: '/stats/1', total: yearMinutes },
      body: { ...year, step: 'all' },
    },
    {
      ...{ name: 'a month of one banner by hour', goalMs: 10, path: '/stats/1', total: monthMinutes },
      body: { ...month, step: 'hour' },
    },
    {
      name: `top 100 of ${allBanners} banners, 30 days of UTC`,
      ...{ goalMs: 800, path: '/stats', total: allBanners * monthMinutes },
      body: { ...month, top: 100 },
    },
    {
      name: `${busyBanners} banners by day, 30 days, ${ZONE}`,
      ...{ goalMs: 500, path: '/stats', total: busyBanners * monthMinutes },
      body: { ...month, ids, step: 'day', timeZone: ZONE },
    },
  ]
}

async function measureQuestions(
  questions: readonly Asked[],
  shape: HistoryShape,
  end: number,
  rounds: number,
): Promise<Answer[][]> {
  const service = await startMeasuredService({}, { isPinned: false })
  try {
    progress('history: a year is written into the tables')
    await withDatabase(service.dataDir, client => fillHistory(client, end, shape))
    for (const question of questions) await ask(service.url, question)
    return await pairedRounds('history', questions, rounds, question => ask(service.url, question))
  } finally {
    await service.end()
  }
}

async function ask(url: string, { path, body, total }: Asked): Promise<Answer> {
  const startedAtMs = performance.now()
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const tookMs = performance.now() - startedAtMs
  return { tookMs, bytes: text.length, isRight: JSON.parse(text).total === total }
}

function answersText(questions: readonly Asked[], answers: readonly Answer[][], rounds: number): string {
  return `${markdownTable(
    ['question', 'ms', 'worst', 'aim', 'bytes', 'wrong'],
    questions.map(({ name, goalMs }, nth) => {
      const times = answers[nth]!.map(({ tookMs }) => tookMs)
      return [
        name,
        median(times).toFixed(1),
        Math.max(...times).toFixed(1),
        `≤ ${goalMs}`,
        answers[nth]![0]!.bytes,
        answers[nth]!.filter(({ isRight }) => !isRight).length,
      ]
    }),
  )}
The whole answer of \`POST /stats\`, warm, on two cores. Medians of ${rounds} rounds. *Wrong* answers have another total than was
written. Each question asks for a flush first, as all do.
`
}

function stepsText({ banners, quarterMs, withMs, withoutMs, held }: Steps): string {
  return `A closed quarter of ${banners} banners, clicked in each of its minutes, is summed up in **${median(quarterMs).toFixed(0)} ms** (worst of
${quarterMs.length}: ${Math.max(...quarterMs).toFixed(0)} ms; aim 100). A flush of ${banners} slots takes **${medianRatio(withMs, withoutMs).toFixed(2)} times** as long as into one plain
table without sums (${median(withMs).toFixed(1)} and ${median(withoutMs).toFixed(1)} ms, medians of ${withMs.length} pairs; aim 1.15).

${heldText(held)}`
}

function heldText(held: readonly Held[]): string {
  const cellOf = (ms: readonly number[]) => `${median(ms).toFixed(0)} (${Math.max(...ms).toFixed(0)})`
  return `${markdownTable(
    ['banners, clicked every minute', 'quarters', 'held for minutes, ms', 'held for quarters, ms', 'aim'],
    held.map(({ banners, ms }, nth) => [
      ...[banners, ms.days.length, cellOf(ms.quarters), cellOf(ms.days), `≤ ${HELD_AIMS_MS[nth]}`],
    ]),
  )}
For how long a step holds flushes: one that sums up the minutes of a quarter, and one that adds this quarter to its day.
What is measured is the longest wait of a flush beside it. Medians (worst).
`
}
