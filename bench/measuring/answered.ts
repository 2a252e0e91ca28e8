import { CONNECTIONS, requestsOf, runWrk } from '../load/wrk.ts'
import { audited, type Oracle } from './audit.ts'
import type { Server } from './server.ts'

/** A request that is always answered with the same status. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly status: number
  /** Whether each one counts a click. */
  readonly isCounted: boolean
}

/** What a server did in some seconds, saturated with requests that it counts, refuses, or just answers. */
export interface AnsweredSample extends Oracle {
  /** Answered as they should be. */
  readonly answered: number
  /** Clicks among them. */
  readonly acknowledged: number
  readonly requestsPerSecond: number
  readonly cpuUsPerRequest: number
}

/** wrk tells good answers from others, and no more: one request before and one after show the exact status. */
export async function saturateAnswered(
  server: Server,
  asked: Asked,
  seconds: number,
): Promise<AnsweredSample> {
  const { method, path, headers = {}, body } = asked
  // wrk repeats a GET without a script.
  const script = method === 'GET' ? {} : { script: requestsOf(method, body) }
  await expectStatus(server, asked)
  const sample = await audited(server, asked.isCounted ? CONNECTIONS : 0, async () => {
    const cpuBefore = server.cpuSeconds()
    const { succeeded, refused, failed } = await runWrk(server.url + path, { seconds, headers, ...script })
    const cpuSeconds = server.cpuSeconds() - cpuBefore
    const answered = asked.status < 400 ? succeeded : refused
    return {
      answered,
      acknowledged: asked.isCounted ? answered : 0,
      failed: succeeded + failed - answered,
      requestsPerSecond: answered / seconds,
      cpuUsPerRequest: (cpuSeconds * 1e6) / answered,
    }
  })
  await expectStatus(server, asked)
  return sample
}

async function expectStatus(server: Server, asked: Asked): Promise<void> {
  const { method, path, headers = {}, body = null, status } = asked
  const response = await fetch(server.url + path, { method, headers, body })
  await response.body?.cancel()
  if (response.status !== status)
    throw new Error(`${method} ${path} should be answered with ${status}, but is with ${response.status}`)
}
