import { browserHeaders } from '../load/browser-headers.ts'
import { clicksOver } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { figures, type SaturatedSample, saturate } from '../measuring/saturate.ts'
import { startMeasuredService } from '../measuring/service.ts'
import { medianRatio } from '../measuring/statistics.ts'
import { type Peer, peerServers, type RunningPeer } from '../peers/servers.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, type Section, saturation } from './section.ts'

const SERVICE = 'this service'
const WARM_UP_SECONDS = 3

const REQUESTS = [
  { kind: 'bare', headers: {} },
  { kind: "a browser's", headers: browserHeaders },
] as const

/** The service with the hot lane ahead of the HTTP parser, and with Hapi's route alone. */
const forms = [
  { name: SERVICE, settings: {} },
  { name: `${SERVICE}, hot lane off`, settings: { HOT_LANE: 'off' } },
].map(
  (form): Peer => ({
    name: form.name,
    survives: 'kill -9',
    path: '/counter/1',
    missing: () => null,
    start: () => startMeasuredService(form.settings),
  }),
)

interface Contender {
  readonly name: string
  readonly peer: Peer
  readonly server: RunningPeer
  readonly kind: string
  readonly headers: Readonly<Record<string, string>>
}

export const peers: Section = {
  name: 'peers',
  title: 'Peers',
  question: 'what does a counted click cost here, and what elsewhere?',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const { rounds, seconds } = saturation(isQuick)
  const all = [...forms, ...peerServers]
  const absent = all.map(peer => ({ peer, reason: peer.missing() })).filter(({ reason }) => reason !== null)
  for (const { peer, reason } of absent) progress(`peers: without ${peer.name}, since ${reason}`)
  const started: { peer: Peer; server: RunningPeer }[] = []
  try {
    for (const peer of all.filter(peer => peer.missing() === null))
      started.push({ peer, server: await peer.start() })
    const contenders = REQUESTS.flatMap(request =>
      started.map((each): Contender => ({ ...each, ...request, name: `${each.peer.name}, ${request.kind}` })),
    )
    progress('peers: warming up')
    for (const contender of contenders) await click(contender, isQuick ? 1 : WARM_UP_SECONDS)
    const samples = await pairedRounds('peers', contenders, rounds, contender => click(contender, seconds))
    return resultOf(contenders, samples, {
      rounds,
      seconds,
      absent: absent.map(({ peer, reason }) => `${peer.name} was left out: ${reason}.`),
    })
  } finally {
    for (const { server } of started) await server.end()
  }
}

function click({ peer, server, headers }: Contender, seconds: number): Promise<SaturatedSample> {
  const script = peer.isSpread ? { script: clicksOver(100) } : {}
  return saturate(server, { path: peer.path, seconds, headers, ...script })
}

function resultOf(
  contenders: readonly Contender[],
  samples: readonly (readonly SaturatedSample[])[],
  run: { rounds: number; seconds: number; absent: readonly string[] },
): SectionResult {
  const rows = contenders.map(({ peer, kind }, index) => {
    const { median } = figures(samples[index]!)
    return [
      peer.name,
      kind,
      median('cpuUsPerClick').toFixed(1),
      median('databaseCpuUsPerClick').toFixed(2),
      median('clicksPerSecond').toFixed(0),
      median('p99Ms').toFixed(2),
      peer.survives,
      ...oracleTotals(samples[index]!),
    ]
  })
  const head = [
    'counted by',
    'request',
    'CPU µs/click',
    'Postgres µs/click',
    'clicks/s',
    'p99 ms',
    'a click survives',
    ...ORACLE_FIGURES,
  ]
  return {
    text: [
      ratioTable(contenders, samples),
      `${markdownTable(head, rows)}\n![CPU for each click](results/peers.svg)\n`,
      explanation(run.rounds, run.seconds),
      ...run.absent.map(line => `${line}\n`),
    ].join('\n'),
    raw: contenders.map(({ name }, index) => ({ name, samples: samples[index] })),
    charts: {
      'peers.svg': barChart(
        'CPU µs for each counted click',
        contenders.map(({ name }, index) => ({
          label: name,
          value: figures(samples[index]!).median('cpuUsPerClick'),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}

/** CPU of a click here divided by CPU of a click there. */
function ratioTable(
  contenders: readonly Contender[],
  samples: readonly (readonly SaturatedSample[])[],
): string {
  const cpuOf = (name: string, kind: string) => {
    const index = contenders.findIndex(contender => contender.peer.name === name && contender.kind === kind)
    return figures(samples[index]!).of('cpuUsPerClick')
  }
  const others = new Set(contenders.map(({ peer }) => peer.name).filter(name => name !== SERVICE))
  return markdownTable(
    ["this service's CPU for a click ÷ that of", ...REQUESTS.map(({ kind }) => kind)],
    [...others].map(name => [
      name,
      ...REQUESTS.map(({ kind }) => medianRatio(cpuOf(SERVICE, kind), cpuOf(name, kind)).toFixed(2)),
    ]),
  )
}

function explanation(rounds: number, seconds: number): string {
  return `Each server is saturated by \`wrk -t1 -c64\`, in ${rounds} rounds of ${seconds} s a server and request. ${placement}
Medians. A ratio is the median of the ratios within each round. CPU is user and system time of all processes of the server
(webdis and Redis together). Postgres has a column of its own. A browser's request has 12 headers instead of one. The
configurations are in bench/peers: nginx has one worker and no access log, Redis keeps nothing on disk. All clicks are for
one banner. Those of Fastify are for 100: they would all wait for the row of a single one. What each server has in the end
is compared with what wrk saw acknowledged. 64 requests were under way when wrk closed its connections: some of them may be
counted. The service's own books must agree with Postgres to the click.
`
}
