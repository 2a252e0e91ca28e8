import { setTimeout as sleep } from 'node:timers/promises'
import { clusterPaths } from '../../db/embedded/cluster.ts'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { ensureMonths } from '../../db/history/months.ts'
import { type FloodLoad, type FloodResult, flood } from '../load/flood.ts'
import { openLoop } from '../load/open-loop.ts'
import { moveToClientCore, moveToServerCore } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { readHealth } from '../measuring/health.ts'
import { registerBanners } from '../measuring/registry.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import type { Settings } from '../measuring/service-process.ts'
import { quantile } from '../measuring/statistics.ts'
import { queryDatabase, withDatabase } from '../measuring/stored.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const SECONDS = 30
const QUICK_SECONDS = 3
const WARM_UP_SECONDS = 3
/** The others' clicks, of registered banners 1 … BANNERS. Nobody else clicks on these. */
const CLICKS_PER_SECOND = 2000
const OTHERS = 128
const BANNERS = 100
/** Of who floods. */
const ADDRESS = '127.0.0.2'
const PER_SECOND = 5000
const CONNECTIONS = 2000
const FEW_CONNECTIONS = 128
const SLOW_BYTES = 64
/** Has clicks in each minute of 2025. */
const READ_BANNER = 5000
const LOOK_INTERVAL_MS = 100
const ENTRIES = 10_000
const ADMIN_KEY = 'a_key_of_the_bench_with_forty_characters'

/** See FloodLoad. */
const RANDOM = '777777777'

interface Flood extends Pick<FloodLoad, 'request' | 'readBytes' | 'connections'> {
  readonly name: string
  readonly settings?: Settings
}

const FLOODS: readonly (Flood | { readonly name: string; readonly request: null })[] = [
  { name: 'nobody', request: null },
  { name: 'random ids', request: get(`/counter/${RANDOM}`), connections: FEW_CONNECTIONS },
  { name: 'bulks of 10', request: bulk(10, idOfNth), connections: FEW_CONNECTIONS },
  { name: `bulks of ${ENTRIES}`, request: bulk(ENTRIES, idOfNth), connections: FEW_CONNECTIONS },
  {
    name: `bulks of ${ENTRIES} random ids`,
    request: bulk(ENTRIES, () => RANDOM),
    connections: FEW_CONNECTIONS,
  },
  { name: 'connections that do nothing', request: '', connections: CONNECTIONS },
  {
    name: 'slow readers of a year',
    request: get(`/stats/${READ_BANNER}?from=2025-01-01&to=2026-01-01`),
    connections: CONNECTIONS,
    readBytes: SLOW_BYTES,
  },
  {
    name: 'wrong keys',
    request: get('/stats/1', `Authorization: Bearer ${RANDOM}\r\n`),
    connections: FEW_CONNECTIONS,
    settings: { ADMIN_KEY },
  },
]

interface Sample extends Oracle {
  readonly name: string
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly sentAfterP99Ms: number
  readonly rssMiB: number
  readonly flooder: FloodResult | null
}

export const room: Section = {
  name: 'room',
  title: 'Room',
  question: 'what do others notice of a client that floods?',
  needs: ['cc'],
  isByDefault: true,
  measure,
}

function get(path: string, fields = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`
}

function idOfNth(nth: number): string {
  return String(1001 + nth)
}

function bulk(entries: number, idOf: (nth: number) => string): string {
  const body = `{"clicks":[${Array.from({ length: entries }, (_, nth) => `{"id":${idOf(nth)}}`).join()}]}`
  return `POST /counter HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const seconds = isQuick ? QUICK_SECONDS : SECONDS
  const samples: Sample[] = []
  for (const each of FLOODS) {
    progress(`room: ${each.name}`)
    samples.push(await sampleOf(each, seconds))
  }
  return resultOf(samples, seconds)
}

async function sampleOf(subject: (typeof FLOODS)[number], seconds: number): Promise<Sample> {
  const settings = 'settings' in subject ? subject.settings : {}
  const service = await startMeasuredService(settings, { isPinned: false })
  try {
    const postmaster = await findPostmaster(clusterPaths(service.dataDir).cluster)
    moveToServerCore(service.pid)
    moveToClientCore(postmaster!.pid)
    await prepare(service)
    const [clicks, flooder] = await Promise.all([
      clickOn(service, seconds),
      subject.request === null
        ? null
        : flood(service.url, { ...subject, address: ADDRESS, ratePerSecond: PER_SECOND, seconds }),
    ])
    const stored = await storedOfOthers(service)
    const servedMs = clicks.latencyMs.map((latencyMs, nth) => latencyMs - clicks.sentAfterMs[nth]!)
    const { rssBytes } = (await readHealth(service.url)).memory
    return {
      name: subject.name,
      p50Ms: quantile(servedMs, 0.5),
      p99Ms: quantile(servedMs, 0.99),
      maxMs: quantile(servedMs, 1),
      sentAfterP99Ms: quantile(clicks.sentAfterMs, 0.99),
      rssMiB: rssBytes / 2 ** 20,
      failed: clicks.failed,
      lost: Math.max(0, clicks.acknowledged - stored),
      doubled: Math.max(0, stored - clicks.acknowledged),
      flooder,
    }
  } finally {
    await service.end()
  }
}

async function prepare(service: MeasuredService): Promise<void> {
  const { dataDir, url } = service
  await registerBanners(dataDir, { firstId: 1, lastId: BANNERS, version: 1 })
  await withDatabase(dataDir, async client => {
    const months = Array.from({ length: 12 }, (_, month) => Date.UTC(2025, month) / 60_000)
    await ensureMonths(client, 'minutes', months)
  })
  await queryDatabase(
    dataDir,
    `INSERT INTO click_minutes SELECT ${READ_BANNER}, minute, 3, 0, 0
       FROM generate_series('2025-01-01Z'::timestamptz, '2025-12-31T23:59Z', '1 minute') AS minute`,
  )
  await queryDatabase(dataDir, 'VACUUM ANALYZE click_minutes')
  while ((await readHealth(url)).banners.registered < BANNERS) await sleep(LOOK_INTERVAL_MS)
  await clickOn(service, WARM_UP_SECONDS)
  await storedOfOthers(service)
  await queryDatabase(dataDir, `DELETE FROM click_minutes WHERE banner_id <= ${BANNERS}`)
}

function clickOn({ url }: MeasuredService, seconds: number) {
  const load = { ratePerSecond: CLICKS_PER_SECOND, seconds, banners: BANNERS, connections: OTHERS }
  return openLoop(url, { ...load, addresses: OTHERS })
}

/** Clicks of the others in Postgres, once all are there. */
async function storedOfOthers({ url, dataDir }: MeasuredService): Promise<number> {
  while ((await readHealth(url)).clicks.pending > 0) await sleep(LOOK_INTERVAL_MS)
  const [row] = await queryDatabase<{ clicks: string }>(
    dataDir,
    `SELECT coalesce(sum(clicks), 0)::text AS clicks FROM click_minutes WHERE banner_id <= ${BANNERS}`,
  )
  return Number(row!.clicks)
}

function resultOf(samples: readonly Sample[], seconds: number): SectionResult {
  const head = [
    'who floods',
    'p50 ms',
    'p99 ms',
    'longest ms',
    'p99 until sent',
    'RSS MiB',
    ...ORACLE_FIGURES,
  ]
  return {
    text: `${markdownTable(
      [...head, 'what the flooder gets'],
      samples.map(sample => [
        sample.name,
        ...[sample.p50Ms, sample.p99Ms, sample.maxMs, sample.sentAfterP99Ms].map(ms => ms.toFixed(2)),
        sample.rssMiB.toFixed(0),
        ...oracleTotals([sample]),
        got(sample.flooder),
      ]),
    )}
${CLICKS_PER_SECOND} clicks a second of ${OTHERS} clients, evenly, for ${seconds} s, each from when it was sent until it was answered, while one
client, with an address of its own, floods: ${PER_SECOND} times a second, one of its connections is opened, or sends a request if it
waits for no answer (else the turn is *missed*). ${CONNECTIONS} connections do nothing, or read ${SLOW_BYTES} bytes of an answer in a turn; the others
are ${FEW_CONNECTIONS}. *Until sent* is how late the clients were: they share
their core with Postgres. *Cut*: connections that were closed without an answer. Each flood has a
service of its own, with one request thread. The service has one core; Postgres and all clients have the other. What is
aimed at: the others lose nothing, and a p99 below 10 ms.
`,
    raw: samples,
    charts: {},
    isSound: isSound(samples),
  }
}

function got(flooder: FloodResult | null): string {
  if (flooder === null) return ''
  const { answers, cut, open, missed } = flooder
  const statuses = Object.entries(answers).map(([status, count]) => `${count} × ${status}`)
  return [...statuses, `${cut} cut`, `${open} open`, `${missed} missed`].join(', ')
}
