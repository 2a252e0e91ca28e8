import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { placement } from '../machine/cores.ts'
import {
  type CpuProfile,
  type FunctionTime,
  hasRun,
  monotonicUs,
  selfTimes,
} from '../measuring/cpu-profile.ts'
import { isSound, saturatedTurn } from '../measuring/server.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, progress, type Section } from './section.ts'

/** Question: where does the time of a click go? */

const PROFILE = new URL('../results/request-thread.cpuprofile', import.meta.url)
const ROOT = new URL('../../', import.meta.url).href
const SAMPLING_INTERVAL_US = 500
const TOP = 25
const WARM_UP_SECONDS = 2

export async function measureProfile({ isQuick }: BenchOptions): Promise<Section> {
  const seconds = isQuick ? 3 : 15
  const directory = await mkdtemp(join(tmpdir(), 'clickcounter-profile-'))
  try {
    // Node profiles every thread for all of its life and writes it down at the thread's end.
    const service = await startMeasuredService(
      {},
      {
        nodeOptions: [
          '--cpu-prof',
          `--cpu-prof-dir=${directory}`,
          `--cpu-prof-interval=${SAMPLING_INTERVAL_US}`,
        ],
      },
    )
    const { turn, span } = await measure(service, seconds).finally(() => service.end())
    const text = await requestThreadProfile(directory)
    await mkdir(new URL('./', PROFILE), { recursive: true })
    await writeFile(PROFILE, text)
    progress(`profile: written to ${fileURLToPath(PROFILE)}; Chrome's DevTools and VS Code open it`)
    const times = selfTimes(JSON.parse(text), ROOT, span)
    return {
      text: `${table(times, turn.acknowledged)}
A request thread, warmed up, under \`wrk -t1 -c64\` for ${seconds} s, sampled every ${SAMPLING_INTERVAL_US} µs; the ${TOP} functions with the most
self time, in per cent of the time in which there was something to do. ${placement}
Being sampled costs something itself. *(program)* is native code outside of any function: the system calls for the sockets above all.
\`npm run bench -- profile\` writes bench/results/request-thread.cpuprofile, which Chrome's DevTools and VS Code open.
`,
      raw: { sample: turn, top: times.slice(0, TOP) },
      charts: {},
      isSound: isSound([turn]),
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function measure(service: MeasuredService, seconds: number) {
  progress('profile: warming up')
  await saturatedTurn(service, { path: '/counter/1', seconds: WARM_UP_SECONDS })
  progress(`profile: ${seconds} s, saturated`)
  const startUs = monotonicUs()
  const turn = await saturatedTurn(service, { path: '/counter/1', seconds })
  return { turn, span: { startUs, endUs: monotonicUs() } }
}

async function requestThreadProfile(directory: string): Promise<string> {
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), 'utf8')
    if (hasRun(JSON.parse(text) as CpuProfile, '/workers/request.ts')) return text
  }
  throw new Error(`one of the profiles in ${directory} should be a request thread's`)
}

function table(times: readonly FunctionTime[], clicks: number): string {
  const allUs = times.reduce((sum, { selfUs }) => sum + selfUs, 0)
  return markdownTable(
    ['self', 'µs/click', 'function', 'where'],
    times
      .slice(0, TOP)
      .map(({ name, place, selfUs }) => [
        `${((100 * selfUs) / allUs).toFixed(1)} %`,
        (selfUs / clicks).toFixed(2),
        name,
        place,
      ]),
  )
}
