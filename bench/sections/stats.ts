import { VALID } from '../../lib/rows/classes.ts'
import { newRows, type Rows } from '../../lib/rows/rows.ts'
import { placement } from '../machine/cores.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median } from '../measuring/statistics.ts'
import { addRows, queryDatabase } from '../measuring/stored.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const CLICKS_PER_MINUTE = 3
const FROM = '2025-01-01T00:00:00Z'
const RANGES = [
  { name: 'a minute', to: '2025-01-01T00:01:00Z', minutes: 1 },
  { name: 'a day', to: '2025-01-02T00:00:00Z', minutes: 1440 },
  { name: 'a year', to: '2026-01-01T00:00:00Z', minutes: 525_600 },
] as const

type Range = (typeof RANGES)[number]

interface Reading {
  readonly firstByteMs: number
  readonly allMs: number
  readonly bytes: number
  /** The total and the minutes are those that were stored. */
  readonly isRight: boolean
}

export const stats: Section = {
  name: 'stats',
  title: 'Stats',
  question: 'how soon are a minute, a day, a year of minutes read?',
  needs: [],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 2 : 7
  const readings = RANGES.map(range => ({ range, cold: [] as Reading[], warm: [] as Reading[] }))
  progress('stats: storing a year of minutes')
  let service = await startMeasuredService()
  try {
    await addRows(service.dataDir, aYear())
    await queryDatabase(service.dataDir, 'VACUUM ANALYZE click_minutes, click_quarters, click_days')
    for (let round = 1; round <= rounds; round++)
      for (const { range, cold, warm } of readings) {
        progress(`stats ${round} of ${rounds}: ${range.name}`)
        await service.stop('SIGTERM')
        service = await startMeasuredService({ DATA_DIR: service.dataDir })
        cold.push(await read(service, range))
        await read(service, range)
        warm.push(await read(service, range))
      }
    return resultOf(readings, rounds)
  } finally {
    await service.end()
  }
}

/** Clicks of one banner in each minute. */
function aYear(): Rows {
  const rows = newRows(RANGES.at(-1)!.minutes)
  const first = Date.parse(FROM) / 60_000
  rows.bannerIds.fill(1)
  rows.minutes.forEach((_, row) => {
    rows.minutes[row] = first + row
  })
  rows.clicks[VALID].fill(CLICKS_PER_MINUTE)
  return rows
}

async function read({ url }: MeasuredService, { to, minutes }: Range): Promise<Reading> {
  const startedAtMs = performance.now()
  const response = await fetch(`${url}/stats/1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: FROM, to }),
  })
  const chunks: Uint8Array[] = []
  let firstByteMs = 0
  for await (const chunk of response.body!) {
    if (chunks.length === 0) firstByteMs = performance.now() - startedAtMs
    chunks.push(chunk)
  }
  const allMs = performance.now() - startedAtMs
  const text = Buffer.concat(chunks).toString()
  const { total, stats } = JSON.parse(text) as { total: number; stats: { v: number }[] }
  const isRight =
    total === CLICKS_PER_MINUTE * minutes &&
    stats.length === minutes &&
    stats.every(({ v }) => v === CLICKS_PER_MINUTE)
  return { firstByteMs, allMs, bytes: text.length, isRight }
}

function resultOf(
  readings: readonly { range: Range; cold: readonly Reading[]; warm: readonly Reading[] }[],
  rounds: number,
): SectionResult {
  const cases = readings.flatMap(({ range, cold, warm }) => [
    { range, state: 'cold', samples: cold, warm },
    { range, state: 'warm', samples: warm, warm },
  ])
  const allMs = (samples: readonly Reading[]) => median(samples.map(sample => sample.allMs))
  return {
    text: `${markdownTable(
      ['range', 'minutes', 'state', 'ratio to warm', 'first byte ms', 'all ms', 'bytes', 'wrong'],
      cases.map(({ range, state, samples, warm }) => [
        range.name,
        range.minutes,
        state,
        (allMs(samples) / allMs(warm)).toFixed(2),
        median(samples.map(sample => sample.firstByteMs)).toFixed(1),
        allMs(samples).toFixed(1),
        samples[0]!.bytes,
        samples.filter(sample => !sample.isRight).length,
      ]),
    )}
![Until all of the answer is there](results/stats.svg)

\`POST /stats/1\` for a banner with ${CLICKS_PER_MINUTE} clicks in every minute of a year. Medians of ${rounds} rounds. *Cold* is the first question
after a start of the service and of Postgres. The system may still have the files of Postgres in memory. *Warm* is the third
question. ${placement} *Wrong* answers have another total or other minutes than were
stored.
`,
    raw: readings,
    charts: {
      'stats.svg': barChart(
        'Milliseconds until all of the answer is there',
        cases.map(({ range, state, samples }) => ({
          label: `${range.name}, ${state}`,
          value: allMs(samples),
        })),
      ),
    },
    isSound: cases.every(({ samples }) => samples.every(sample => sample.isRight)),
  }
}
