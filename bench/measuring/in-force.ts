import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { queryDatabase } from './stored.ts'

const LOOK_INTERVAL_MS = 2
/** They are spread over the threads of a service. */
const CONNECTIONS = 8

/** Milliseconds from `sinceMs`, by performance.now(), until clicks on the banner lead there in all threads. */
export async function untilLeading(
  url: string,
  { bannerId, target, sinceMs }: { bannerId: number; target: string; sinceMs: number },
): Promise<number> {
  const agents = Array.from({ length: CONNECTIONS }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }))
  try {
    for (;;) {
      const leads = await Promise.all(agents.map(agent => locationOf(`${url}/click/${bannerId}`, agent)))
      if (leads.every(location => location.startsWith(target))) return performance.now() - sinceMs
      await sleep(LOOK_INTERVAL_MS)
    }
  } finally {
    for (const agent of agents) agent.destroy()
  }
}

function locationOf(url: string, agent: http.Agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const request = http.get(url, { agent })
  request.once('response', answer => {
    answer.resume().once('end', () => resolve(answer.headers.location ?? ''))
  })
  request.once('error', reject)
  return promise
}

/** Makes a key, and returns its text. */
export async function makeKey(url: string, adminKey: string): Promise<string> {
  const answer = await fetch(`${url}/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: '{"name":"bench","scopes":["read"]}',
  })
  return ((await answer.json()) as { text: string }).text
}

/** Revokes all keys as another instance does. Resolves with the milliseconds until the service refuses this one. */
export async function untilRefused(url: string, dataDir: string, text: string): Promise<number> {
  await queryDatabase(
    dataDir,
    'UPDATE access_keys SET revoked_at = now(); UPDATE access_state SET token = gen_random_uuid()',
  )
  const revokedAtMs = performance.now()
  const headers = { authorization: `Bearer ${text}` }
  for (;;) {
    const answer = await fetch(`${url}/banners/1`, { headers })
    await answer.body?.cancel()
    if (answer.status === 401) return performance.now() - revokedAtMs
    await sleep(LOOK_INTERVAL_MS)
  }
}
