import type { healthReport } from '../../lib/health/report.ts'
import type { ServiceProcess } from './process.ts'
import { until } from './until.ts'

export type Health = ReturnType<typeof healthReport>

export async function health({ url }: Pick<ServiceProcess, 'url'>): Promise<Health & { httpStatus: number }> {
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

/** Clicks of this process and of earlier ones. */
export function untilAllStored(service: ServiceProcess): Promise<void> {
  return untilHealth(
    service,
    ({ clicks, journal, database }) =>
      clicks.pending === 0 && journal.files === 0 && database.status === 'up',
  )
}

/** Resolves when a click that was accepted after the start of this call is in Postgres. */
export async function untilStoring(service: ServiceProcess): Promise<void> {
  const { clicks } = await health(service)
  await untilHealth(service, ({ clicks: { stored } }) => stored > clicks.accepted)
}
