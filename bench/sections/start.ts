import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { discrepancy, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { CHECKOUT, type ServiceProcess, startServiceProcess, stepsIn } from '../measuring/service-process.ts'
import { median } from '../measuring/statistics.ts'
import { storedClicks } from '../measuring/stored.ts'
import { freePort } from '../peers/spawn.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

/** A client that finds nobody tries again after this time. */
const TRY_INTERVAL_MS = 3
const PATIENCE_MS = 60_000

interface Start {
  /** From the start of the process to the first 204. */
  readonly firstAnswerMs: number
  /** From the start of the process to its word that it listens: Postgres is up and the tables are there. */
  readonly readyMs: number
  /** What main did before clicks were accepted, by its own clock. */
  readonly stepsMs: Readonly<Record<string, number>>
}

interface Round extends Oracle {
  readonly first: Start
  readonly next: Start
}

export const start: Section = {
  name: 'start',
  title: 'Start',
  question: 'how soon is the first click answered after a start?',
  needs: [],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 1 : 7
  const samples: Round[] = []
  for (let round = 1; round <= rounds; round++) {
    progress(`start ${round} of ${rounds}: first start ever, orderly stop, start`)
    samples.push(await measureRound())
  }
  return resultOf(samples)
}

async function measureRound(): Promise<Round> {
  const checkout = await freshCheckout()
  let service: ServiceProcess | undefined
  try {
    const first = await startTimed(checkout, {})
    service = first.service
    await service.stop('SIGTERM')
    const next = await startTimed(checkout, { DATA_DIR: service.dataDir })
    service = next.service
    const stored = await storedClicks(service)
    // One click for each start.
    const clicks = { acknowledged: 2, unanswered: 0, accepted: stored, stored }
    return { first: first.start, next: next.start, failed: 0, ...discrepancy(clicks) }
  } finally {
    await service?.end()
    await rm(checkout, { recursive: true })
  }
}

/**
 * A directory in which `npm start` runs this code, as after an installation: the start script keeps its compile
 * cache below its working directory, where there is none.
 */
async function freshCheckout(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'clickcounter-fresh-'))
  await copyFile(join(CHECKOUT, 'package.json'), join(directory, 'package.json'))
  await symlink(join(CHECKOUT, 'lib'), join(directory, 'lib'))
  return directory
}

async function startTimed(checkout: string, settings: Record<string, string>) {
  const port = await freePort()
  const startedAtMs = performance.now()
  const since = (endMs: number) => endMs - startedAtMs
  const ended = new AbortController()
  const answered = firstAnswer(port, ended.signal).then(() => since(performance.now()))
  try {
    const service = await startServiceProcess(
      checkout,
      { SERVER_THREADS: '1', ...settings, SERVER_PORT: String(port) },
      [],
    )
    const readyMs = since(performance.now())
    const stepsMs = stepsIn(service.startLines)
    return { service, start: { firstAnswerMs: await answered, readyMs, stepsMs } }
  } finally {
    ended.abort()
  }
}

/** Clicks until one is answered. */
async function firstAnswer(port: number, signal: AbortSignal): Promise<void> {
  const giveUpAtMs = performance.now() + PATIENCE_MS
  while (!signal.aborted && performance.now() < giveUpAtMs) {
    const answer = await fetch(`http://127.0.0.1:${port}/counter/1`).catch(() => null)
    if (answer?.status === 204) return
    await sleep(TRY_INTERVAL_MS)
  }
  throw new Error('the first click after a start should be answered')
}

function resultOf(samples: readonly Round[]): SectionResult {
  const starts = (['first', 'next'] as const).map(kind => samples.map(sample => sample[kind]))
  const names = ['first start ever', 'start after an orderly stop']
  const answers = starts.map(of => of.map(({ firstAnswerMs }) => firstAnswerMs))
  const steps = Object.keys(samples[0]!.first.stepsMs)
  return {
    text: `${markdownTable(
      ['start', 'ms to the first 204', 'worst', 'ms until it listens and Postgres is ready'],
      starts.map((of, kind) => [
        names[kind]!,
        median(answers[kind]!).toFixed(0),
        Math.max(...answers[kind]!).toFixed(0),
        median(of.map(({ readyMs }) => readyMs)).toFixed(0),
      ]),
    )}
What main does before clicks are accepted, in ms:

${markdownTable(
  ['step', ...names],
  steps.map(step => [step, ...starts.map(of => median(of.map(({ stepsMs }) => stepsMs[step]!)).toFixed(0))]),
)}
${markdownTable([...ORACLE_FIGURES], [oracleTotals(samples)])}
![Milliseconds to the first 204](results/start.svg)

Medians of ${samples.length} rounds. In each, a first start with an empty directory and without a compile cache, an orderly stop, and a
start. Time counts from the spawning of what \`npm start\` runs. A client tries to connect every ${TRY_INTERVAL_MS} ms. \`modules\` includes
Node's own start; Postgres comes up beside \`threads\`, and nothing waits for it.
`,
    raw: samples,
    charts: {
      'start.svg': barChart(
        'Milliseconds from the start to the first 204',
        names.map((label, kind) => ({ label, value: median(answers[kind]!) })),
      ),
    },
    isSound: isSound(samples),
  }
}
