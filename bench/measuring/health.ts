import type { Health } from '../../test/support/http.ts'

export async function readHealth(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health
}
