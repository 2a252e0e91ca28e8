import { CONNECTIONS, clicksOver, runWrk, type WrkResult } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { threadCpuSeconds } from '../machine/cpu.ts'
import { audited, isSound, type Oracle } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { largeFlushText, measureLargeFlushes } from './large-flush.ts'
import type { BenchOptions, Section } from './section.ts'

const BANNERS = 100
const WARM_UP_SECONDS = 2

/** What each thread does, by its name in the system. */
const THREADS: Readonly<Record<string, string>> = {
  'request 0': 'request thread',
  WorkerThread: 'flush worker',
  'node-MainThread': 'main thread',
  'node-V8Worker': "V8's helpers (garbage, compiling)",
}

/** By thread: the part of one core that it used, 0 … 1. */
type Shares = ReadonlyMap<string, number>

interface Share extends Oracle {
  readonly shares: Shares
  readonly acknowledged: number
}

export const flush: Section = {
  name: 'flush',
  title: 'Flush',
  question: 'does storing the clicks stay out of their way?',
  needs: ['wrk', 'cc'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 1 : 5
  const seconds = isQuick ? 3 : 6
  const shares = await measureShares(rounds, seconds, isQuick)
  const run = isQuick
    ? { ratePerSecond: 2000, seconds: 6, intervalSeconds: 2 }
    : { ratePerSecond: 10_000, seconds: 40, intervalSeconds: 10 }
  const large = await measureLargeFlushes(run)
  return {
    text: `${shareText(shares, rounds, seconds)}\n${largeFlushText(large, run)}`,
    raw: {
      shares: shares.map(share => ({ ...share, shares: Object.fromEntries(share.shares) })),
      large: { ...run, ...large },
    },
    charts: {
      'flush.svg': barChart(
        `Per cent of one core, saturated, ${BANNERS} banners`,
        [...medianShares(shares)].map(([label, value]) => ({ label, value: 100 * value })),
      ),
    },
    isSound: isSound([...shares, large.onOneCore, large.anywhere]),
  }
}

async function measureShares(rounds: number, seconds: number, isQuick: boolean): Promise<Share[]> {
  const service = await startMeasuredService()
  try {
    progress('flush: warming up')
    await click(service, isQuick ? 1 : WARM_UP_SECONDS)
    const subject = { name: `${BANNERS} banners, saturated` }
    const [samples] = await pairedRounds('flush', [subject], rounds, () => measureShare(service, seconds))
    return samples!
  } finally {
    await service.end()
  }
}

/**
 * Covers the time in which clicks come in, with several flushes. The flush that
 * totals() asks for is left out.
 */
function measureShare(service: MeasuredService, seconds: number): Promise<Share> {
  return audited(service, CONNECTIONS, async () => {
    const startedAtMs = performance.now()
    const before = cpuByName(service)
    const { succeeded: acknowledged, failed } = await click(service, seconds)
    const after = cpuByName(service)
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000
    const shares = [...after].map(
      ([name, used]) => [name, (used - before.get(name)!) / elapsedSeconds] as const,
    )
    return { shares: new Map(shares), acknowledged, failed }
  })
}

/** Processor seconds so far, by what the thread is for. */
function cpuByName(service: MeasuredService): Map<string, number> {
  const threads = threadCpuSeconds(service.pid)
  const named = Object.entries(THREADS).map(([thread, name]) => {
    const seconds = threads.get(thread)
    if (seconds === undefined) throw new Error(`the service should have a thread named ${thread}`)
    return [name, seconds] as const
  })
  return new Map([...named, ['Postgres', service.databaseCpuSeconds()]])
}

function click({ url }: MeasuredService, seconds: number): Promise<WrkResult> {
  return runWrk(url, { seconds, script: clicksOver(BANNERS) })
}

function medianShares(samples: readonly Share[]): Shares {
  const names = [...samples[0]!.shares.keys()]
  return new Map(names.map(name => [name, median(samples.map(({ shares }) => shares.get(name)!))]))
}

function shareText(samples: readonly Share[], rounds: number, seconds: number): string {
  const shares = medianShares(samples)
  const percent = (value: number) => `${(100 * value).toFixed(2)} %`
  const flushing = median(samples.map(({ shares }) => shares.get('flush worker')! + shares.get('Postgres')!))
  return `Flush worker and Postgres together take **${percent(flushing)}** of one core.

${markdownTable(
  ['who', 'of one core'],
  [...shares].map(([name, value]) => [name, percent(value)]),
)}
![Who takes how much of a core](results/flush.svg)

${BANNERS} banners, saturated by \`wrk -t1 -c64\`, ${rounds} times ${seconds} s, a flush every 2 s. ${placement}
Medians.
`
}
