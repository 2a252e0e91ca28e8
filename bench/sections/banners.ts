import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { placement } from '../machine/cores.ts'
import { readHealth } from '../measuring/health.ts'
import { makeKey, untilLeading, untilRefused } from '../measuring/in-force.ts'
import { lookupTimes } from '../measuring/lookups.ts'
import { longestBlockMs, PROBED } from '../measuring/main-delay.ts'
import { loseRevision, registerBanners, targetOf } from '../measuring/registry.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { stepsIn } from '../measuring/service-process.ts'
import { median } from '../measuring/statistics.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const ADMIN_KEY = 'a_key_of_the_bench_with_forty_characters'
const LOOK_INTERVAL_MS = 2
/** What was freed is given back by then. */
const SETTLE_MS = 2000
/** Banners that were not confirmed for so long are being read. */
const READING_SECONDS = 1
const MIB = 2 ** 20

interface Size {
  readonly banners: number
  /** So often each change is made. */
  readonly rounds: number
}

/** What happened to the banners, once or several times. */
interface Happening {
  readonly name: string
  /** Until it was in force in all threads. */
  readonly tookMs: readonly number[]
  /** For how long main was busy without a turn for others, at most. */
  readonly blockMs: number
  /** Of the service, a while later. */
  readonly rssBytes: number
}

export const banners: Section = {
  name: 'banners',
  title: 'Registered banners',
  question: 'what do a million registered banners take, and how soon is a change in force?',
  needs: [],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const size: Size = isQuick ? { banners: 200_000, rounds: 1 } : { banners: 1_000_000, rounds: 3 }
  const filesMs: number[] = []
  let service = await start()
  try {
    const happenings = [await happened(service, 'no banner is registered', async () => 0)]
    progress(`banners: ${size.banners} are registered at once`)
    happenings.push(
      await happened(service, 'all are registered at once', () =>
        change(service, { firstId: 1, lastId: size.banners, version: 1 }),
      ),
    )
    for (const isWithFiles of [true, false]) {
      progress(`banners: a start with${isWithFiles ? '' : 'out'} files`)
      await service.stop('SIGTERM')
      if (!isWithFiles) await rm(join(service.dataDir, 'banners.base'))
      const startedAtMs = performance.now()
      service = await start(service.dataDir)
      filesMs.push(stepsIn(service.startLines).files!)
      happenings.push(
        await happened(service, `a start with${isWithFiles ? '' : 'out'} files`, () =>
          untilLeading(service.url, lead(size.banners, 1, startedAtMs)),
        ),
      )
    }
    happenings.push(...(await changes(service, size)))
    const keys = await revocations(service, size)
    const { memoryBytes } = (await readHealth(service.url)).banners
    const lookups = await lookupTimes(size.banners)
    return resultOf({ size, happenings, keys, memoryBytes, lookups, filesMs: filesMs[0]! })
  } finally {
    await service.end()
  }
}

function start(dataDir?: string): Promise<MeasuredService> {
  const settings = { SERVER_THREADS: '2', ADMIN_KEY, ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }) }
  return startMeasuredService(settings, { nodeOptions: PROBED })
}

function lead(bannerId: number, version: number, sinceMs: number) {
  return { bannerId, target: targetOf(version, bannerId), sinceMs }
}

/** Registers them, and waits for the last one. Time counts from the commit. */
async function change(
  { url, dataDir }: MeasuredService,
  which: { firstId: number; lastId: number; version: number },
): Promise<number> {
  await registerBanners(dataDir, which)
  return await untilLeading(url, lead(which.lastId, which.version, performance.now()))
}

async function happened(
  service: MeasuredService,
  name: string,
  ...times: (() => Promise<number>)[]
): Promise<Happening> {
  await longestBlockMs(service)
  const tookMs: number[] = []
  for (const happen of times) tookMs.push(await happen())
  const blockMs = await longestBlockMs(service)
  await sleep(SETTLE_MS)
  return { name, tookMs, blockMs, rssBytes: (await readHealth(service.url)).memory.rssBytes }
}

/** More than a 64th of all changes the base. */
async function changes(service: MeasuredService, { banners, rounds }: Size): Promise<Happening[]> {
  const cases = [
    { name: 'one changes', changed: 1 },
    { name: 'one in a hundred changes', changed: banners / 100 },
    { name: 'one in ten changes', changed: banners / 10 },
  ]
  const happenings: Happening[] = []
  let version = 2
  for (const { name, changed } of cases) {
    progress(`banners: ${name}`)
    const all = Array.from({ length: rounds }, () => {
      const which = { firstId: 1, lastId: changed, version: version++ }
      return () => change(service, which)
    })
    happenings.push(await happened(service, name, ...all))
  }
  return happenings
}

interface Revocations {
  /** Milliseconds until a revoked key was refused. */
  readonly alone: readonly number[]
  /** The same while all banners are read. */
  readonly whileRead: readonly number[]
  /** Until all were read again. */
  readonly readMs: readonly number[]
}

/** All banners are read again when the database has lost the revision that is known. */
async function revocations(service: MeasuredService, { banners, rounds }: Size): Promise<Revocations> {
  const found = { alone: [] as number[], whileRead: [] as number[], readMs: [] as number[] }
  for (let round = 1; round <= rounds; round++) {
    progress(`banners: keys, ${round} of ${rounds}`)
    const { url, dataDir } = service
    found.alone.push(await untilRefused(url, dataDir, await makeKey(url, ADMIN_KEY)))
    await change(service, { firstId: 1, lastId: 1, version: 100 * round })
    const text = await makeKey(url, ADMIN_KEY)
    await loseRevision(dataDir)
    const lostAtMs = performance.now()
    while ((await readHealth(url)).banners.ageSeconds! < READING_SECONDS) await sleep(LOOK_INTERVAL_MS)
    found.whileRead.push(await untilRefused(url, dataDir, text))
    while ((await readHealth(url)).banners.ageSeconds! >= READING_SECONDS) await sleep(LOOK_INTERVAL_MS)
    found.readMs.push(performance.now() - lostAtMs)
    await change(service, { firstId: banners, lastId: banners, version: 100 * round + 1 })
  }
  return found
}

interface Found {
  readonly size: Size
  readonly happenings: readonly Happening[]
  readonly keys: Revocations
  readonly memoryBytes: number
  /** Of main at a start, to read them from their files. */
  readonly filesMs: number
  readonly lookups: Awaited<ReturnType<typeof lookupTimes>>
}

function resultOf(found: Found): SectionResult {
  const { size, happenings, keys, memoryBytes, lookups, filesMs } = found
  const [none] = happenings
  const worst = (times: readonly number[]) => Math.max(...times).toFixed(0)
  return {
    text: `${markdownTable(
      ['what happens', 'in force after ms', 'worst', 'main busy at once, worst ms', 'MiB more than without'],
      happenings.map(({ name, tookMs, blockMs, rssBytes }) => [
        name,
        median(tookMs).toFixed(0),
        worst(tookMs),
        blockMs.toFixed(1),
        ((rssBytes - none!.rssBytes) / MIB).toFixed(0),
      ]),
    )}
${markdownTable(
  ['a key is revoked', 'refused after ms', 'worst'],
  [
    ['otherwise', median(keys.alone).toFixed(0), worst(keys.alone)],
    ['while all banners are read', median(keys.whileRead).toFixed(0), worst(keys.whileRead)],
  ],
)}
${size.banners} banners, each with a target of 80 characters, take ${(memoryBytes / MIB).toFixed(0)} MiB, once for both request threads. To look one
up takes ${lookups.hasNs.toFixed(0)} ns (is it registered?) or ${lookups.findNs.toFixed(0)} ns (with its target), at random ids. All are read from Postgres
in ${(median(keys.readMs) / 1000).toFixed(1)} s, from their files in ${filesMs} ms of a start. Each change is made ${size.rounds} times, by somebody else in Postgres. It is in force when clicks on
8 connections lead to the new target; the time counts from the commit, for a start from the start of the process. Up
to 750 ms pass until an instance looks. ${placement}
`,
    raw: found,
    charts: {},
    isSound: true,
  }
}
