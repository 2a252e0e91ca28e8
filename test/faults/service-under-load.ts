import { until } from '../db/embedded/embedded-support.ts'
import type { Health } from '../support/http.ts'
import type { ServiceProcess } from '../support/process.ts'
import type { Oracle } from './oracle.ts'

/** Clicks of the oracle from now on; `stop` resolves when the last one is answered. */
export function fireAt(oracle: Oracle, { url }: ServiceProcess, connections?: number) {
  const ended = new AbortController()
  const fired = oracle.fire(url, ended.signal, connections)
  return {
    async stop(): Promise<void> {
      ended.abort()
      await fired
    },
  }
}

export async function health({ url }: ServiceProcess): Promise<Health & { httpStatus: number }> {
  const response = await fetch(`${url}/health`)
  return { httpStatus: response.status, ...((await response.json()) as Health) }
}

/** Resolves when /health says so; mocha's time-out ends the wait otherwise. */
export function untilHealth(
  service: ServiceProcess,
  condition: (report: Awaited<ReturnType<typeof health>>) => boolean,
): Promise<void> {
  return until(async () => condition(await health(service)))
}

/** Of this process, and of earlier ones. */
export function untilAllStored(service: ServiceProcess): Promise<void> {
  return untilHealth(
    service,
    ({ clicks, journal, database }) =>
      clicks.pending === 0 && journal.files === 0 && database.status === 'up',
  )
}
