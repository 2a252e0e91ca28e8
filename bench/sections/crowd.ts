import { setTimeout as sleep } from 'node:timers/promises'
import { openLoop } from '../load/open-loop.ts'
import { establishedTo } from '../machine/connections.ts'
import { audited, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { readHealth } from '../measuring/health.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { slope } from '../measuring/statistics.ts'
import { lineChart } from '../report/line-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const FEW = 64
const MANY = 10_000
const RATE_PER_SECOND = 4000
const CLICKS_PER_CONNECTION = 10
const BANNERS = 100
const SAMPLE_SECONDS = 5
/** Until the memory of a new process has its size, with few connections. */
const FEW_SECONDS = 30
const MINUTES = 2
const QUICK_SECONDS = 15
/** Part of the samples with many connections that is left out of the slope: they are being opened. */
const SETTLING_PART = 0.2
const MEBIBYTE = 2 ** 20

interface Sample {
  readonly minute: number
  readonly rssMiB: number
  readonly openConnections: number
}

/** One number of connections that come and go for a while. */
interface Phase extends Oracle {
  readonly connections: number
  readonly samples: readonly Sample[]
}

export const crowd: Section = {
  name: 'crowd',
  title: 'Crowd',
  question:
    'what memory do 10 000 connections take, does it grow as they come and go? (2 minutes, or --minutes)',
  needs: ['cc'],
  isByDefault: false,
  measure,
}

async function measure({ isQuick, minutes }: BenchOptions): Promise<SectionResult> {
  const manySeconds = isQuick ? QUICK_SECONDS : Math.round((minutes ?? MINUTES) * 60)
  const service = await startMeasuredService()
  try {
    const few = await measurePhase(service, FEW, isQuick ? QUICK_SECONDS : FEW_SECONDS)
    const many = await measurePhase(service, MANY, manySeconds)
    return resultOf(few, many, manySeconds)
  } finally {
    await service.end()
  }
}

async function measurePhase(service: MeasuredService, connections: number, seconds: number): Promise<Phase> {
  const { samples, failed, lost, doubled } = await audited(service, 0, async () => {
    const [{ acknowledged, failed }, samples] = await Promise.all([
      openLoop(service.url, {
        ratePerSecond: RATE_PER_SECOND,
        seconds,
        banners: BANNERS,
        connections,
        clicksPerConnection: CLICKS_PER_CONNECTION,
      }),
      takeSamples(service, connections, seconds),
    ])
    return { acknowledged, failed, samples }
  })
  return { connections, samples, failed, lost, doubled }
}

async function takeSamples({ url }: MeasuredService, connections: number, seconds: number) {
  const samples: Sample[] = []
  const startedAtMs = performance.now()
  // At the very end, the connections may be closed already.
  const number = Math.ceil(seconds / SAMPLE_SECONDS) - 1
  while (samples.length < number) {
    await sleep(SAMPLE_SECONDS * 1000)
    const { rssBytes } = (await readHealth(url)).memory
    const sample = {
      minute: (performance.now() - startedAtMs) / 60_000,
      rssMiB: rssBytes / MEBIBYTE,
      openConnections: establishedTo(url),
    }
    samples.push(sample)
    const { rssMiB, openConnections } = sample
    progress(
      `crowd of ${connections}, ${samples.length} of ${number}: RSS ${rssMiB.toFixed(1)} MiB, ${openConnections} open`,
    )
  }
  return samples
}

function resultOf(few: Phase, many: Phase, manySeconds: number): SectionResult {
  return {
    text: `${crowdFigures(few, many)}
![RSS over time](results/crowd-rss.svg)

${RATE_PER_SECOND} clicks a second, evenly, ${FEW_SECONDS} s with ${FEW} connections, then ${(manySeconds / 60).toFixed(1)} minutes with ${MANY}, a sample every
${SAMPLE_SECONDS} s. Each connection is closed after ${CLICKS_PER_CONNECTION} clicks and another one opened: ${RATE_PER_SECOND / CLICKS_PER_CONNECTION} a second come and go. RSS is that of
the service's process with one request thread, without Postgres. The slope is a line of least squares, without the first
${100 * SETTLING_PART} per cent of the samples. What is aimed at: at most 60 MiB more, level over ten minutes.
`,
    raw: { ratePerSecond: RATE_PER_SECOND, clicksPerConnection: CLICKS_PER_CONNECTION, few, many },
    charts: {
      'crowd-rss.svg': lineChart(`Memory with ${MANY} connections`, 'minutes', 'MiB', [
        { name: 'RSS', points: many.samples.map(({ minute, rssMiB }) => [minute, rssMiB]) },
      ]),
    },
    isSound: isSound([few, many]),
  }
}

/** What many connections take at their most, beside what few took in the end; and how it grows. */
export function crowdFigures(few: Phase, many: Phase): string {
  const settled = many.samples.slice(Math.floor(many.samples.length * SETTLING_PART))
  const mostMiB = Math.max(...many.samples.map(({ rssMiB }) => rssMiB))
  const moreMiB = mostMiB - few.samples.at(-1)!.rssMiB
  const grows = slope(settled.map(({ minute, rssMiB }) => [minute, rssMiB]))
  const rows = [few, many].map(phase => {
    const rss = phase.samples.map(({ rssMiB }) => rssMiB)
    return [
      phase.connections,
      ...[rss[0]!, rss.at(-1)!, Math.max(...rss)].map(mebibytes => mebibytes.toFixed(1)),
      Math.min(...phase.samples.map(({ openConnections }) => openConnections)),
      ...oracleTotals([phase]),
    ]
  })
  const head = ['connections', 'first RSS MiB', 'last', 'most', 'fewest open', ...ORACLE_FIGURES]
  return `${many.connections} connections take **${moreMiB.toFixed(1)} MiB** more at the most than ${few.connections} in the end, and RSS grows by **${grows.toFixed(2)} MiB a minute**.

${markdownTable(head, rows)}`
}
