import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { placement } from '../machine/cores.ts'
import { isSound } from '../measuring/audit.ts'
import {
  type CpuProfile,
  type FunctionTime,
  hasRun,
  monotonicUs,
  selfTimes,
} from '../measuring/cpu-profile.ts'
import { saturate } from '../measuring/saturate.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const PROFILE = new URL('../results/request-thread.cpuprofile', import.meta.url)
const ROOT = new URL('../../', import.meta.url).href
const SAMPLING_INTERVAL_US = 500
const TOP = 25
const WARM_UP_SECONDS = 2

export const profile: Section = {
  name: 'profile',
  title: 'Profile',
  question: 'where does the time of a click go? (writes a .cpuprofile)',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const seconds = isQuick ? 3 : 15
  const directory = await mkdtemp(join(tmpdir(), 'clickcounter-profile-'))
  try {
    // Node profiles each thread from its start to its end, and writes the profile then.
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
    const { sample, span } = await click(service, seconds).finally(() => service.end())
    const text = await requestThreadProfile(directory)
    await mkdir(new URL('./', PROFILE), { recursive: true })
    await writeFile(PROFILE, text)
    progress(`profile: written to ${fileURLToPath(PROFILE)}; Chrome's DevTools and VS Code open it`)
    const times = selfTimes(JSON.parse(text), ROOT, span)
    return {
      text: `${table(times, sample.acknowledged)}
A request thread that is warmed up, under \`wrk -t1 -c64\` for ${seconds} s, sampled every ${SAMPLING_INTERVAL_US} µs. The table has the ${TOP} functions
with the most self time, in per cent of the time in which there was something to do. ${placement}
Sampling costs something itself. *(program)* is native code outside of any function, above all the system calls for the
sockets. \`npm run bench -- profile\` writes bench/results/request-thread.cpuprofile, which Chrome's DevTools and VS Code open.
`,
      raw: { sample, top: times.slice(0, TOP) },
      charts: {},
      isSound: isSound([sample]),
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function click(service: MeasuredService, seconds: number) {
  progress('profile: warming up')
  await saturate(service, { path: '/counter/1', seconds: WARM_UP_SECONDS })
  progress(`profile: ${seconds} s, saturated`)
  const startUs = monotonicUs()
  const sample = await saturate(service, { path: '/counter/1', seconds })
  return { sample, span: { startUs, endUs: monotonicUs() } }
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
