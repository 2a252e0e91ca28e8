import http from 'node:http'
import { ConfigError } from '../base/errors.ts'
import { loadConfig } from '../config/load.ts'

/**
 * What the image's HEALTHCHECK runs: asks the service of this configuration whether its process runs. It does
 * not ask whether the service is ready: a full journal, or Postgres away, is no reason to restart the process
 * that holds the clicks. Prints one line; the exit code is 0 or 1.
 */

const DEADLINE_MS = 2500

async function main(): Promise<void> {
  const { host, port } = loadConfig().config.server
  if (port === 0)
    throw new Error(
      'CLICKCOUNTER_SERVER_PORT is 0: the probe does not know which port the service has chosen',
    )
  const url = `http://${dialled(host)}:${port}/health/live`
  const statusCode = await statusOf(url)
  if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`)
  console.log(`${url} answers`)
}

/** The host in the URL. A service that listens on all addresses is asked at the loopback address. */
function dialled(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** It does not use fetch, which refuses to ask some ports. */
function statusOf(url: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const request = http.get(url, { agent: false, signal: AbortSignal.timeout(DEADLINE_MS) }, answer => {
    answer.resume()
    resolve(answer.statusCode)
  })
  request.once('error', error => {
    const isLate = error.name === 'AbortError'
    reject(
      new Error(
        `${url} ${isLate ? `does not answer in ${DEADLINE_MS} ms` : `cannot be asked: ${error.message}`}`,
      ),
    )
  })
  return promise
}

main().catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.mistakes.join('; ') : error.message)
  process.exit(1)
})
