import { browserHeaders } from '../load/browser-headers.ts'
import { placement } from '../machine/cores.ts'
import { type AnsweredSample, type Asked, saturateAnswered } from '../measuring/answered.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { startRefusingService } from '../measuring/refusing-service.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, type Section, saturation } from './section.ts'

const WARM_UP_SECONDS = 2
/** What a page tells beside the click. Nobody reads it. */
const BODY = '{"slot":"top","page":"a-page-with-banners","visibleMs":12345}'
const beacon = { method: 'POST', path: '/counter/1', body: BODY, status: 204 } as const
const bodyType = { 'Content-Type': 'text/plain;charset=UTF-8' }

interface Kind extends Asked {
  readonly name: string
}

const counted: readonly Omit<Kind, 'isCounted'>[] = [
  { name: 'GET', method: 'GET', path: '/counter/1', status: 204 },
  { name: "GET, a browser's", method: 'GET', path: '/counter/1', headers: browserHeaders, status: 204 },
  { name: 'GET .gif', method: 'GET', path: '/counter/1.gif', status: 200 },
  { name: 'beacon', ...beacon, headers: bodyType },
  { name: "beacon, a browser's", ...beacon, headers: { ...browserHeaders, ...bodyType } },
]
const uncounted: readonly Omit<Kind, 'isCounted'>[] = [
  { name: 'wrong id', method: 'GET', path: '/counter/0', status: 400 },
  { name: 'unknown path', method: 'GET', path: '/counter/1/2', status: 404 },
  { name: 'PUT', method: 'PUT', path: '/counter/1', status: 405 },
  { name: 'GET /health/live', method: 'GET', path: '/health/live', status: 200 },
]
const refusedClick: Kind = {
  name: 'GET, journal full',
  method: 'GET',
  path: '/counter/1',
  status: 503,
  isCounted: false,
}
const kinds: readonly Kind[] = [
  ...counted.map(kind => ({ ...kind, isCounted: true })),
  refusedClick,
  ...uncounted.map(kind => ({ ...kind, isCounted: false })),
]

export const requests: Section = {
  name: 'requests',
  title: 'Requests',
  question: 'what does a beacon cost, and what a refusal, beside a plain click?',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const { rounds, seconds } = saturation(isQuick)
  await using services = new AsyncDisposableStack()
  const service = services.adopt(await startMeasuredService(), each => each.end())
  progress('requests: filling the journal of a service without a database')
  const refusing = services.adopt(await startRefusingService(), each => each.end())
  const ask = (kind: Kind, forSeconds: number) =>
    saturateAnswered(kind === refusedClick ? refusing : service, kind, forSeconds)
  progress('requests: warming up')
  for (const kind of kinds) await ask(kind, isQuick ? 1 : WARM_UP_SECONDS)
  const samples = await pairedRounds('requests', kinds, rounds, kind => ask(kind, seconds))
  return {
    text: `${requestsTable(kinds, samples)}
![CPU for a request](results/requests.svg)

Each is saturated by \`wrk -t1 -c64\`, in ${rounds} rounds of ${seconds} s. ${placement}
Medians. A ratio is the median of each round's ratio to the first row. A beacon is a POST with a body of ${BODY.length} bytes of
\`text/plain\`; *a browser's* have ${Object.keys(browserHeaders).length} headers more. Where the journal is full, it is that of a second service, whose
database is away. The lane answers all but \`/health/live\`, which is there to see what Hapi's way costs. What is aimed at: a
beacon at most 1.3 of a GET, a refused one at most 1.2 of one that is counted.
`,
    raw: kinds.map(({ name }, index) => ({ name, samples: samples[index] })),
    charts: {
      'requests.svg': barChart(
        'CPU µs for each request',
        kinds.map(({ name, status }, index) => ({
          label: `${name}: ${status}`,
          value: median(cpuUsPerRequest(samples[index]!)),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}

/** A row for each kind of request; the first is what the others are compared with. */
export function requestsTable(
  kinds: readonly { readonly name: string; readonly status: number }[],
  samples: readonly (readonly AnsweredSample[])[],
): string {
  const base = cpuUsPerRequest(samples[0]!)
  const head = ['request', 'answer', 'CPU ratio', 'CPU µs', 'requests/s', ...ORACLE_FIGURES]
  const rows = kinds.map(({ name, status }, index) => {
    const own = samples[index]!
    return [
      name,
      status,
      medianRatio(cpuUsPerRequest(own), base).toFixed(2),
      median(cpuUsPerRequest(own)).toFixed(2),
      median(own.map(sample => sample.requestsPerSecond)).toFixed(0),
      ...oracleTotals(own),
    ]
  })
  return markdownTable(head, rows)
}

function cpuUsPerRequest(samples: readonly AnsweredSample[]): number[] {
  return samples.map(sample => sample.cpuUsPerRequest)
}
