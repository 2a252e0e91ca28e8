import http from 'node:http'
import { ConfigError } from '../base/errors.ts'
import { loadConfig } from '../config/load.ts'

/**
 * What the image's HEALTHCHECK runs: asks the service that has this configuration whether its process runs. Not
 * whether it is ready: a full journal or an absent Postgres is no reason to restart what holds the clicks. One line,
 * and exit code 0 or 1.
 */

const DEADLINE_MS = 2500

async function main(): Promise<void> {
  const { host, port } = loadConfig().config.server
  if (port === 0)
    throw new Error('CLICKCOUNTER_SERVER_PORT is 0: which port the service has chosen is not known here')
  const url = `http://${dialled(host)}:${port}/health/live`
  const statusCode = await statusOf(url)
  if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`)
  console.log(`${url} answers`)
}

/** The service listens on all addresses: this machine's own is one of them. */
function dialled(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** Not by fetch, which has ports of its own that it never asks. */
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
