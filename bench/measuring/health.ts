import type { healthReport } from '../../lib/health/report.ts'

export type Health = ReturnType<typeof healthReport>

export async function readHealth(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health
}
