import { expect } from 'chai'
import type { healthReport } from '../../lib/health/report.ts'
import type { TestDatabase } from './database.ts'
import type { ServiceProcess } from './process.ts'
import { until } from './until.ts'

export type Health = ReturnType<typeof healthReport>

export async function health({ url }: Pick<ServiceProcess, 'url'>): Promise<Health & { httpStatus: number }> {
  const response = await fetch(`${url}/health`)
  const report = (await response.json()) as Health
  expectBalanced(report)
  return { httpStatus: response.status, ...report }
}

/** Whatever is wrong, the books balance in each report, in gross and for each class. */
function expectBalanced({ clicks }: Health): void {
  const { accepted, stored, pending, repeated, lost, byClass } = clicks
  const { storedByClass, pendingByClass, repeatedByClass, lostByClass } = clicks
  expect(accepted, 'accepted').to.equal(stored + pending + repeated + lost)
  for (const clickClass of ['valid', 'bot', 'duplicate'] as const)
    expect(byClass[clickClass], clickClass).to.equal(
      storedByClass[clickClass] +
        pendingByClass[clickClass] +
        repeatedByClass[clickClass] +
        lostByClass[clickClass],
    )
  expect(accepted, 'all classes').to.equal(byClass.valid + byClass.bot + byClass.duplicate)
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

/**
 * Expects that of each class as many clicks are in Postgres as the books say. The service must have stored all that is
 * there, and all that it has accepted.
 */
export async function expectBooksIn(
  database: Pick<TestDatabase, 'query'>,
  service: Pick<ServiceProcess, 'url'>,
): Promise<void> {
  const { clicks } = await health(service)
  const [sums] = await database.query(
    `SELECT coalesce(sum(clicks), 0)::int AS valid, coalesce(sum(bots), 0)::int AS bot,
            coalesce(sum(duplicates), 0)::int AS duplicate FROM click_minutes`,
  )
  expect(sums, 'in Postgres, and stored by the books').to.deep.equal(clicks.storedByClass)
}
