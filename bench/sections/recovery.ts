import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTIONS, clicksOver, runWrk } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { discrepancy, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { readHealth } from '../measuring/health.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median } from '../measuring/statistics.ts'
import { storedNow } from '../measuring/stored.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const BANNERS = 20_000
/** Longer than a round, so that all of its clicks are in the journal when the process is killed. */
const INTERVAL_SECONDS = '60'
const PATIENCE_MS = 60_000

interface Round extends Oracle {
  /** From the process's start until it has said that it listens and has answered a click. */
  readonly firstStartMs: number
  readonly nextStartMs: number
  readonly startAfterKillMs: number
  /** Clicks in the journal when the process was killed. */
  readonly acknowledged: number
  readonly journalBytes: number
  /** From the start of the next process until all of them were in Postgres. */
  readonly storedAfterSeconds: number
}

export const recovery: Section = {
  name: 'recovery',
  title: 'Recovery',
  question: 'how soon is it ready after a start, how soon is a journal stored?',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 1 : 5
  const seconds = isQuick ? 2 : 10
  const samples: Round[] = []
  for (let round = 1; round <= rounds; round++) {
    progress(`recovery ${round} of ${rounds}: ${seconds} s of clicks, kill -9, start`)
    samples.push(await measureRound(seconds))
  }
  return resultOf(samples, seconds)
}

async function measureRound(seconds: number): Promise<Round> {
  const first = await startTimed({})
  let { service } = first
  try {
    await service.stop('SIGTERM')
    const DATA_DIR = service.dataDir
    const next = await startTimed({ DATA_DIR, CLICK_FLUSHER_INTERVAL: INTERVAL_SECONDS })
    service = next.service
    const { succeeded, failed } = await runWrk(service.url, {
      seconds,
      script: clicksOver(BANNERS),
    })
    // By now the books hold the requests that wrk left behind. The next process must find as many clicks.
    const { clicks, journal } = await settledHealth(service.url)
    await service.stop('SIGKILL')
    const startedAtMs = performance.now()
    const afterKill = await startTimed({ DATA_DIR })
    service = afterKill.service
    // One more: the click that timed this start.
    await untilStored(DATA_DIR, clicks.accepted + 1)
    const storedAfterSeconds = (performance.now() - startedAtMs) / 1000
    const { stored } = await service.totals()
    return {
      firstStartMs: first.elapsedMs,
      nextStartMs: next.elapsedMs,
      startAfterKillMs: afterKill.elapsedMs,
      acknowledged: succeeded,
      journalBytes: journal.bytes,
      storedAfterSeconds,
      failed,
      ...discrepancy({
        acknowledged: succeeded + 1,
        unanswered: CONNECTIONS,
        accepted: clicks.accepted,
        stored: stored - 2,
      }),
    }
  } finally {
    await service.end()
  }
}

async function startTimed(settings: Record<string, string>) {
  const startedAtMs = performance.now()
  const service: MeasuredService = await startMeasuredService(settings)
  const { status } = await fetch(`${service.url}/counter/1`)
  if (status !== 204)
    throw new Error(`the first click after a start should be answered with 204, not ${status}`)
  return { service, elapsedMs: performance.now() - startedAtMs }
}

/** /health after the service has measured its journal, which it does once a second. */
async function settledHealth(url: string) {
  await sleep(1200)
  return readHealth(url)
}

/** Gives up after a minute: clicks must be lost then, and the comparison of totals says so. */
async function untilStored(dataDir: string, clicks: number): Promise<void> {
  const giveUpAtMs = performance.now() + PATIENCE_MS
  while ((await storedNow(dataDir)) < clicks && performance.now() < giveUpAtMs) await sleep(20)
}

function resultOf(samples: readonly Round[], seconds: number): SectionResult {
  const of = (key: keyof Round) => median(samples.map(sample => sample[key]))
  const perMillion = median(
    samples.map(({ storedAfterSeconds, acknowledged }) => (storedAfterSeconds * 1e6) / acknowledged),
  )
  const starts = [
    { label: 'first start, creates Postgres', value: of('firstStartMs') },
    { label: 'start after an orderly stop', value: of('nextStartMs') },
    { label: 'start after kill -9, with a journal', value: of('startAfterKillMs') },
  ]
  return {
    text: `${markdownTable(
      ['start', 'ratio', 'ms until it listens'],
      starts.map(({ label, value }) => [label, (value / of('nextStartMs')).toFixed(2), value.toFixed(0)]),
    )}
${markdownTable(
  ['s/million clicks', 'clicks journaled', 'bytes', 's until all stored', ...ORACLE_FIGURES],
  [
    [
      perMillion.toFixed(2),
      of('acknowledged').toFixed(0),
      of('journalBytes').toFixed(0),
      of('storedAfterSeconds').toFixed(2),
      ...oracleTotals(samples),
    ],
  ],
)}
![Milliseconds until it listens](results/recovery.svg)

Medians of ${samples.length} rounds. In each, \`wrk -t1 -c64\` clicks over ${BANNERS} banners for ${seconds} s, with a flush interval of ${INTERVAL_SECONDS} s, so that none of
the clicks is stored. Then \`kill -9\`, and a start. Seconds count from that start, Node's own included, until all clicks are in
Postgres. A click is answered before it says that it listens: see Start. ${placement}
`,
    raw: samples,
    charts: {
      'recovery.svg': barChart('Milliseconds from the start until it listens, with Postgres', starts),
    },
    isSound: isSound(samples),
  }
}
