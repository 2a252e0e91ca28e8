import { resolve } from 'node:path'
import { browserHeaders } from '../load/browser-headers.ts'
import { clicksFrom, type WrkLoad } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { type LimitedSample, saturateLimited } from '../measuring/limited.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { CHECKOUT, type Settings } from '../measuring/service-process.ts'
import { median, medianRatio } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { commitOf } from './paired.ts'
import { ratioCells } from './ratio-cells.ts'
import type { BenchOptions, Section } from './section.ts'

/** So many that hardly any has clicked within the window when it comes again. */
const CLIENTS = 200_000
const ROUNDS = 15
const SECONDS = 1

const proxied: Settings = { TRUSTED_PROXIES: '127.0.0.1' }
const SETTINGS = {
  off: proxied,
  on: { ...proxied, BOTS: 'class', DUPLICATE_WINDOW: '10' },
  limited: { ...proxied, CLIENT_CLICKS_PER_MINUTE: '1' },
} satisfies Record<string, Settings>

const sameHead: Omit<WrkLoad, 'seconds'> = { headers: browserHeaders }
const anotherClient: Omit<WrkLoad, 'seconds'> = { headers: browserHeaders, script: clicksFrom(CLIENTS) }

interface Subject {
  readonly name: string
  readonly server: keyof typeof SETTINGS | 'other'
  readonly load: Omit<WrkLoad, 'seconds'>
}

const SUBJECTS = {
  other: { name: 'the other code', server: 'other', load: sameHead },
  off: { name: 'all off', server: 'off', load: sameHead },
  on: { name: 'bots and duplicates', server: 'on', load: sameHead },
  limited: { name: '429', server: 'limited', load: sameHead },
  offEach: { name: 'all off, another client each', server: 'off', load: anotherClient },
  onEach: { name: 'bots and duplicates, another client each', server: 'on', load: anotherClient },
} satisfies Record<string, Subject>

type SubjectName = keyof typeof SUBJECTS

/** What is compared with what, and the most that its ratio should be. */
const PAIRS: readonly { what: SubjectName; against: SubjectName; aim: number }[] = [
  { what: 'off', against: 'other', aim: 1.03 },
  { what: 'on', against: 'off', aim: 1.1 },
  { what: 'onEach', against: 'offEach', aim: 1.6 },
  { what: 'limited', against: 'off', aim: 1.2 },
]

export const valid: Section = {
  name: 'valid',
  title: 'Valid clicks',
  question: 'what does it cost to tell bots and duplicates, and to refuse what is over a limit?',
  needs: ['wrk'],
  isByDefault: false,
  measure,
}

async function measure({ isQuick, against }: BenchOptions): Promise<SectionResult> {
  if (against === null) throw new Error('valid needs the directory of another checkout')
  const rounds = isQuick ? 1 : ROUNDS
  await using services = new AsyncDisposableStack()
  const start = async (settings: Settings, checkout: string) =>
    services.adopt(await startMeasuredService(settings, { checkout }), each => each.end())
  const servers: Record<Subject['server'], MeasuredService> = {
    other: await start(proxied, resolve(against)),
    off: await start(SETTINGS.off, CHECKOUT),
    on: await start(SETTINGS.on, CHECKOUT),
    limited: await start(SETTINGS.limited, CHECKOUT),
  }
  const saturate = ({ server, load }: Subject) =>
    saturateLimited(servers[server], {
      load: { ...load, seconds: SECONDS },
      isLimited: server === 'limited',
    })
  const subjects: readonly Subject[] = Object.values(SUBJECTS)
  progress('valid: warming up')
  for (const subject of subjects) await saturate(subject)
  const samples = await pairedRounds('valid', subjects, rounds, saturate)
  const names = Object.keys(SUBJECTS) as SubjectName[]
  const byName = new Map(names.map((name, index) => [name, samples[index]!]))
  return resultOf(byName, rounds, commitOf(resolve(against)))
}

function resultOf(
  samples: ReadonlyMap<SubjectName, readonly LimitedSample[]>,
  rounds: number,
  otherCommit: string,
): SectionResult {
  return {
    text: `${validTable(samples)}
![CPU for a click](results/valid.svg)

\`wrk -t1 -c64\` saturates each in ${rounds} rounds of ${SECONDS} s, with a browser's ${Object.keys(browserHeaders).length} headers. ${placement}
Each has one request thread and a Postgres of its own. Medians. A ratio is the median of each round's ratio; *from … to* is
its range. *Another client each*: a trusted proxy passes on ${CLIENTS} clients in turn, each with an address (every second one by
IPv6) and a User-Agent of its own. Otherwise all clicks are one client's, so that with duplicates in force nearly all are
duplicates. The other code is ${otherCommit}.
`,
    raw: Object.fromEntries(samples),
    charts: {
      'valid.svg': barChart(
        'CPU ÷ what it is compared with',
        PAIRS.map(({ what, against }) => ({
          label: `${SUBJECTS[what].name} ÷ ${SUBJECTS[against].name}`,
          value: medianRatio(cpuOf(samples, what), cpuOf(samples, against)),
        })),
      ),
    },
    isSound: isSound([...samples.values()].flat()),
  }
}

export function validTable(samples: ReadonlyMap<SubjectName, readonly LimitedSample[]>): string {
  const head = ['clicks', 'compared with', 'CPU ratio', 'from … to', 'aim', 'CPU µs', ...ORACLE_FIGURES]
  const rows = PAIRS.map(({ what, against, aim }) => [
    SUBJECTS[what].name,
    SUBJECTS[against].name,
    ...ratioCells(cpuOf(samples, what), cpuOf(samples, against)),
    `≤ ${aim}`,
    median(cpuOf(samples, what)).toFixed(2),
    ...oracleTotals([...samples.get(what)!, ...samples.get(against)!]),
  ])
  return markdownTable(head, rows)
}

function cpuOf(samples: ReadonlyMap<SubjectName, readonly LimitedSample[]>, name: SubjectName): number[] {
  return samples.get(name)!.map(sample => sample.cpuUsPerRequest)
}
