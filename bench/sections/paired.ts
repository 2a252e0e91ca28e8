import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { browserHeaders } from '../load/browser-headers.ts'
import { bulksOf } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { figures, type SaturatedSample, type Saturation, saturate } from '../measuring/saturate.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { CHECKOUT } from '../measuring/service-process.ts'
import { medianRatio } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { ratioCells } from './ratio-cells.ts'
import type { BenchOptions, Section } from './section.ts'

const ENTRIES = 1000
const LOADS: readonly { readonly name: string; readonly load: Omit<Saturation, 'seconds'> }[] = [
  { name: 'bare', load: { path: '/counter/1' } },
  { name: "with a browser's headers", load: { path: '/counter/1', headers: browserHeaders } },
  {
    name: `bulks of ${ENTRIES}`,
    load: { path: '/counter', script: bulksOf(ENTRIES), clicksPerRequest: ENTRIES },
  },
]
const ROUNDS = 15
const QUICK_ROUNDS = 2
/** Short, so that what else the machine does falls on both alike. */
const SECONDS = 2

export const paired: Section = {
  name: 'paired',
  title: 'Paired rounds',
  question: 'what does a click cost, compared with the code in another checkout?',
  needs: ['wrk'],
  isByDefault: false,
  measure,
}

/**
 * Both services run at once, one of them idle. In each round the two follow one another under the same load.
 */
async function measure({ isQuick, against }: BenchOptions): Promise<SectionResult> {
  if (against === null) throw new Error('paired needs the directory of another checkout')
  const other = resolve(against)
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const services: MeasuredService[] = []
  try {
    for (const checkout of [CHECKOUT, other]) services.push(await startMeasuredService({}, { checkout }))
    const subjects = LOADS.flatMap(({ name, load }) => [
      { name: `this code, ${name}`, service: services[0]!, load },
      { name: `the other code, ${name}`, service: services[1]!, load },
    ])
    progress('paired: warming up')
    for (const { service, load } of subjects) await saturate(service, { ...load, seconds: SECONDS })
    const samples = await pairedRounds('paired', subjects, rounds, ({ service, load }) =>
      saturate(service, { ...load, seconds: SECONDS }),
    )
    return resultOf(samples, { rounds, commits: { this: commitOf(CHECKOUT), other: commitOf(other) } })
  } finally {
    for (const service of services) await service.end()
  }
}

interface Run {
  readonly rounds: number
  readonly commits: { readonly this: string; readonly other: string }
}

/** The samples of one load. */
interface Pair {
  readonly name: string
  readonly ours: readonly SaturatedSample[]
  readonly theirs: readonly SaturatedSample[]
}

/** `samples`: for each load, those of this code and then those of the other. */
function resultOf(samples: readonly (readonly SaturatedSample[])[], run: Run): SectionResult {
  const { rounds, commits } = run
  const pairs = LOADS.map(
    ({ name }, index): Pair => ({
      name,
      ours: samples[2 * index]!,
      theirs: samples[2 * index + 1]!,
    }),
  )
  return {
    text: `${pairsTable(pairs)}
![CPU for each click](results/paired.svg)

This code (${commits.this}) and another (${commits.other}), each saturated by \`wrk -t1 -c64\`, in ${rounds} rounds in which the two alternate
every ${SECONDS} s. ${placement} Each has one request thread and a Postgres of
its own. Medians. A ratio is this code's figure divided by the other's in the same round. *From … to* is its range over the
rounds. CPU is that of the whole service, without Postgres.
`,
    raw: { ...run, loads: pairs.map(({ name, ours, theirs }) => ({ name, this: ours, other: theirs })) },
    charts: {
      'paired.svg': barChart(
        "This code's CPU for a click ÷ the other's",
        pairs.map(({ name, ours, theirs }) => ({
          label: name,
          value: medianRatio(figures(ours).of('cpuUsPerClick'), figures(theirs).of('cpuUsPerClick')),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}

function pairsTable(pairs: readonly Pair[]): string {
  const head = [
    'load',
    'CPU ratio',
    'CPU from … to',
    'throughput ratio',
    'throughput from … to',
    'CPU µs/click here',
    'there',
    'clicks/s here',
    'there',
    ...ORACLE_FIGURES,
  ]
  const rows = pairs.map(({ name, ours, theirs }) => {
    const [here, there] = [figures(ours), figures(theirs)]
    return [
      name,
      ...ratioCells(here.of('cpuUsPerClick'), there.of('cpuUsPerClick')),
      ...ratioCells(here.of('clicksPerSecond'), there.of('clicksPerSecond')),
      ...[here, there].map(side => side.median('cpuUsPerClick').toFixed(3)),
      ...[here, there].map(side => side.median('clicksPerSecond').toFixed(0)),
      ...oracleTotals([...ours, ...theirs]),
    ]
  })
  return markdownTable(head, rows)
}

/** Its short hash, with a plus when files differ from it. */
export function commitOf(checkout: string): string {
  try {
    return execFileSync('git', ['-C', checkout, 'describe', '--always', '--dirty=+', '--exclude=*'], {
      encoding: 'utf8',
    }).trim()
  } catch {
    return 'no commit'
  }
}
