import { placement } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio } from '../measuring/statistics.ts'
import { type SteadySample, saturateSteadily } from '../measuring/steady.ts'
import { floor, nginx, type RunningPeer } from '../peers/servers.ts'
import { lineChart } from '../report/line-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, type Section, saturation } from './section.ts'

const NUMBERS = [64, 1000, 4000, 10_000] as const
const PATH = '/counter/1'
const WARM_UP_SECONDS = 3

/** In the order of the columns. */
const CONTENDERS: readonly { readonly name: string; start(): Promise<RunningPeer> }[] = [
  { name: 'here', start: () => startMeasuredService() },
  { name: 'nginx', start: nginx.start },
  { name: 'floor', start: floor.start },
]

/** The samples of each contender with this many connections. */
interface ByContender {
  readonly connections: number
  readonly samples: readonly (readonly SteadySample[])[]
}

export const connections: Section = {
  name: 'connections',
  title: 'Connections',
  question: 'what does a click cost on one of 10 000 connections, and what does the kernel take of it?',
  needs: ['wrk', 'nginx', 'cc'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const { rounds, seconds } = saturation(isQuick)
  const servers: RunningPeer[] = []
  try {
    for (const { start } of CONTENDERS) servers.push(await start())
    progress('connections: warming up')
    for (const server of servers)
      await saturateSteadily(server, {
        path: PATH,
        connections: NUMBERS.at(-1)!,
        seconds: isQuick ? 1 : WARM_UP_SECONDS,
      })
    const subjects = NUMBERS.flatMap(number =>
      servers.map((server, index) => ({
        name: `${CONTENDERS[index]!.name}, ${number} connections`,
        server,
        number,
      })),
    )
    const samples = await pairedRounds('connections', subjects, rounds, ({ server, number }) =>
      saturateSteadily(server, { path: PATH, connections: number, seconds }),
    )
    return resultOf(
      NUMBERS.map((connections, row) => ({
        connections,
        samples: samples.slice(row * CONTENDERS.length, (row + 1) * CONTENDERS.length),
      })),
      { rounds, seconds },
    )
  } finally {
    for (const server of servers) await server.end()
  }
}

function resultOf(
  numbers: readonly ByContender[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  return {
    text: `${connectionsTable(numbers)}
![CPU for a click by connections](results/connections.svg)

\`GET /counter/1\` on kept connections, a request under way on each, saturated by wrk in ${rounds} rounds of ${seconds} s. ${placement}
Medians. A ratio is the median of each round's ratio. *The floor* is
[a loop in C](peers/floor.c): one read and one write a click, and nothing is kept. The readings begin when all connections
are open, and end before they are closed. What is aimed at: at most 1.25 of the floor with 64 connections and 1.5 with
more, and never more than nginx.
`,
    raw: numbers.map(({ connections, samples }) => ({
      connections,
      ...Object.fromEntries(CONTENDERS.map(({ name }, index) => [name, samples[index]])),
    })),
    charts: {
      'connections.svg': lineChart(
        'CPU for a click by connections',
        'connections',
        'CPU µs',
        CONTENDERS.map(({ name }, index) => ({
          name,
          points: numbers.map(({ connections, samples }) => [
            connections,
            median(cpuUsPerClick(samples[index]!)),
          ]),
        })),
      ),
    },
    isSound: isSound(numbers.flatMap(({ samples }) => samples.flat())),
  }
}

/** A row for each number of connections; the contenders side by side. */
export function connectionsTable(numbers: readonly ByContender[]): string {
  const columns = (figure: string) => CONTENDERS.map(({ name }) => `${figure} ${name}`)
  const head = [
    'connections',
    '÷ floor',
    '÷ nginx',
    ...columns('CPU µs'),
    ...columns('clicks/s'),
    'open',
    ...ORACLE_FIGURES,
  ]
  const rows = numbers.map(({ connections, samples }) => {
    const [here, nginx, floor] = samples.map(cpuUsPerClick)
    return [
      connections,
      medianRatio(here!, floor!).toFixed(2),
      medianRatio(here!, nginx!).toFixed(2),
      ...samples.map(each => median(cpuUsPerClick(each)).toFixed(2)),
      ...samples.map(each => median(each.map(sample => sample.clicksPerSecond)).toFixed(0)),
      Math.min(...samples.flat().map(sample => sample.openConnections)),
      ...oracleTotals(samples.flat()),
    ]
  })
  return markdownTable(head, rows)
}

function cpuUsPerClick(samples: readonly SteadySample[]): number[] {
  return samples.map(sample => sample.cpuUsPerClick)
}
