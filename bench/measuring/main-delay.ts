import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceProcess } from './service-process.ts'

const LOOK_INTERVAL_MS = 5

/** For a service whose main thread is looked at. */
export const PROBED = ['--import', new URL('main-delay-probe.ts', import.meta.url).href]

export function delayFileOf(dataDir: string): string {
  return join(dataDir, 'main-delay')
}

/** For how long main was busy without a turn for its timers, at most since the last call, or since the start. */
export async function longestBlockMs({ pid, dataDir }: ServiceProcess): Promise<number> {
  const path = delayFileOf(dataDir)
  process.kill(pid, 'SIGUSR2')
  while (!existsSync(path)) await sleep(LOOK_INTERVAL_MS)
  const text = await readFile(path, 'utf8')
  await rm(path)
  return Number(text)
}
