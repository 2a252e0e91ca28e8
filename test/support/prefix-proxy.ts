import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

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
    const { method, headers } = request
    const forward = http.request(
      `${url}${request.url!.slice(prefix.length)}`,
      { method, headers },
      answer => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(forward)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strays,
    close: () => server.close(),
  }
}
