import { clicksOver } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { untilLeading } from '../measuring/in-force.ts'
import { registerBanners, targetOf } from '../measuring/registry.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio } from '../measuring/statistics.ts'
import { type SteadySample, saturateSteadily } from '../measuring/steady.ts'
import { nginx, type RunningPeer } from '../peers/servers.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, type Section, saturation } from './section.ts'

const CONNECTIONS = 64
/** nginx.conf has targets for as many. */
const BANNERS = 10_000
const WARM_UP_SECONDS = 2

/** In the order of the rows; the first is what the others are compared with. */
const LOADS = [
  { name: '/counter, one banner', form: 'counter', banners: 1 },
  { name: '/click, one banner', form: 'click', banners: 1 },
  { name: '/counter, 10 000 banners', form: 'counter', banners: BANNERS },
  { name: '/click, 10 000 banners', form: 'click', banners: BANNERS },
] as const

interface Row {
  readonly name: string
  readonly here: readonly SteadySample[]
  readonly nginx: readonly SteadySample[]
  /** Here, with the same banners, without a redirect. */
  readonly counter: readonly SteadySample[]
}

export const redirects: Section = {
  name: 'redirects',
  title: 'Redirects',
  question: 'what does a click cost that leads on to its target, beside one that is only counted?',
  needs: ['wrk', 'nginx'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const { rounds, seconds } = saturation(isQuick)
  await using servers = new AsyncDisposableStack()
  const service = servers.adopt(await startMeasuredService(), each => each.end())
  const peer = servers.adopt(await nginx.start(), each => each.end())
  progress(`redirects: ${BANNERS} banners are registered`)
  await register(service)
  const subjects = LOADS.flatMap(load => [
    { name: `here, ${load.name}`, server: service, load },
    { name: `nginx, ${load.name}`, server: peer, load },
  ])
  progress('redirects: warming up')
  for (const { server, load } of subjects) await saturate(server, load, isQuick ? 1 : WARM_UP_SECONDS)
  const samples = await pairedRounds('redirects', subjects, rounds, ({ server, load }) =>
    saturate(server, load, seconds),
  )
  return resultOf(
    LOADS.map(({ name }, index) => ({
      name,
      here: samples[2 * index]!,
      nginx: samples[2 * index + 1]!,
      counter: samples[2 * (index - (index % 2))]!,
    })),
    { rounds, seconds },
  )
}

async function register({ dataDir, url }: MeasuredService): Promise<void> {
  await registerBanners(dataDir, { firstId: 1, lastId: BANNERS, version: 1 })
  await untilLeading(url, { bannerId: BANNERS, target: targetOf(1, BANNERS), sinceMs: performance.now() })
}

function saturate(
  server: RunningPeer,
  { form, banners }: (typeof LOADS)[number],
  seconds: number,
): Promise<SteadySample> {
  const script = banners > 1 ? { script: clicksOver(banners, form) } : {}
  return saturateSteadily(server, { path: `/${form}/1`, connections: CONNECTIONS, seconds, ...script })
}

function resultOf(
  rows: readonly Row[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  return {
    text: `${redirectsTable(rows)}
![CPU for a click, with and without a redirect](results/redirects.svg)

${BANNERS} banners are registered, with targets of 80 characters. \`wrk -t1 -c${CONNECTIONS}\` saturates each in ${rounds} rounds of ${seconds} s.
${placement} Medians. A ratio is the median of each round's ratio: to \`/counter\` here over the same banners, and to nginx,
which counts in a shared dictionary and has its targets in a Lua table ([nginx.conf](peers/nginx.conf)). What is aimed at: at
most 1.15 of \`/counter\`, and no more than nginx.
`,
    raw: rows.map(({ name, here, nginx }) => ({ name, here, nginx })),
    charts: {
      'redirects.svg': barChart(
        'CPU µs for each click',
        rows.flatMap(({ name, here, nginx }) => [
          { label: `${name}, here`, value: median(cpuUsPerClick(here)) },
          { label: `${name}, nginx`, value: median(cpuUsPerClick(nginx)) },
        ]),
      ),
    },
    isSound: isSound(rows.flatMap(({ here, nginx }) => [...here, ...nginx])),
  }
}

export function redirectsTable(rows: readonly Row[]): string {
  const head = [
    'clicks',
    '÷ /counter',
    '÷ nginx',
    'CPU µs here',
    'CPU µs nginx',
    'clicks/s here',
    'clicks/s nginx',
    ...ORACLE_FIGURES,
  ]
  return markdownTable(
    head,
    rows.map(({ name, here, nginx, counter }) => [
      name,
      medianRatio(cpuUsPerClick(here), cpuUsPerClick(counter)).toFixed(2),
      medianRatio(cpuUsPerClick(here), cpuUsPerClick(nginx)).toFixed(2),
      ...[here, nginx].map(each => median(cpuUsPerClick(each)).toFixed(2)),
      ...[here, nginx].map(each => median(each.map(sample => sample.clicksPerSecond)).toFixed(0)),
      ...oracleTotals([...here, ...nginx]),
    ]),
  )
}

function cpuUsPerClick(samples: readonly SteadySample[]): number[] {
  return samples.map(sample => sample.cpuUsPerClick)
}
