import { browserHeaders } from '../load/browser-headers.ts'
import { placement } from '../machine/cores.ts'
import { takeTurns } from '../measuring/rounds.ts'
import { figures, isSound, saturatedTurn, type Turn } from '../measuring/server.ts'
import { startMeasuredService } from '../measuring/service.ts'
import { medianRatio } from '../measuring/statistics.ts'
import { type Peer, peers, type RunningPeer } from '../peers/servers.ts'
import { barChart } from '../report/bar-chart.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, progress, type Section } from './section.ts'

/** Question: what does a counted click cost here, and what does it cost elsewhere? */

const SERVICE = 'this service'
const WARM_UP_SECONDS = 3

const REQUESTS = [
  { kind: 'bare', headers: {} },
  { kind: "a browser's", headers: browserHeaders },
] as const

/** The service in the forms it comes in: the lane ahead of the HTTP parser, and Hapi's route. */
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

export async function measurePeers({ isQuick }: BenchOptions): Promise<Section> {
  const rounds = isQuick ? 1 : 5
  const seconds = isQuick ? 1 : 3
  const all = [...forms, ...peers]
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
    for (const contender of contenders) await measure(contender, isQuick ? 1 : WARM_UP_SECONDS)
    const samples = await takeTurns('peers', contenders, rounds, contender => measure(contender, seconds))
    return sectionOf(contenders, samples, {
      rounds,
      seconds,
      absent: absent.map(({ peer, reason }) => `${peer.name} was left out: ${reason}.`),
    })
  } finally {
    for (const { server } of started) await server.end()
  }
}

function measure({ peer, server, headers }: Contender, seconds: number): Promise<Turn> {
  const script = peer.isSpread ? { script: { file: 'banners.lua', argument: 100 } } : {}
  return saturatedTurn(server, { path: peer.path, seconds, headers, ...script })
}

function sectionOf(
  contenders: readonly Contender[],
  samples: readonly (readonly Turn[])[],
  run: { rounds: number; seconds: number; absent: readonly string[] },
): Section {
  const rows = contenders.map(({ peer, kind }, index) => {
    const { median, total } = figures(samples[index]!)
    return [
      peer.name,
      kind,
      median('cpuUsPerClick').toFixed(1),
      median('databaseCpuUsPerClick').toFixed(2),
      median('clicksPerSecond').toFixed(0),
      median('p99Ms').toFixed(2),
      peer.survives,
      total('failed'),
      total('lost'),
      total('doubled'),
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
    'failed',
    'lost',
    'doubled',
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

/** What a click costs here for each 1 that it costs there. */
function ratioTable(contenders: readonly Contender[], samples: readonly (readonly Turn[])[]): string {
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
  return `Each server saturated by \`wrk -t1 -c64\`, in ${rounds} rounds in which all take turns of ${seconds} s. ${placement}
Medians; ratios are medians of each round's ratio. CPU is user and system time
of all the server's processes (webdis and Redis together) without Postgres, which has a column of its own. A browser's
request has 12 headers instead of one. Configurations are in bench/peers: nginx with one worker and no access log, Redis
without persistence. All clicks are for one banner, but Fastify's for 100: one would be a row that they all wait for.
What each server has in the end is compared with what wrk saw acknowledged; of the 64 requests that were under way when
wrk closed its connections, some may be counted. The service's own books must agree with Postgres to the click.
`
}
