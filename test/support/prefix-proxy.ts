import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { passOn } from './pass-on.ts'

/** A proxy that serves the service at `url` below a prefix such as `/clicks`, and nothing elsewhere. */
export async function startPrefixProxy(url: string, prefix: string) {
  /** Requests outside the prefix. */
  const strays: string[] = []
  const server = http.createServer((request, response) => {
    if (!request.url!.startsWith(`${prefix}/`)) {
      strays.push(request.url!)
      response.writeHead(404).end()
      return
    }
    void passOn(`${url}${request.url!.slice(prefix.length)}`, request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strays,
    close: () => server.close(),
  }
}
