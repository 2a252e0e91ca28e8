import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A page of a test, with headers where it needs some. A file that is no page says its type. */
export interface TestPage {
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Pages at an origin of their own. `pageAt`: the page of a path, or undefined. */
export async function startPageSite(pageAt: (path: string) => TestPage | string | undefined) {
  const server = http.createServer(({ url }, response) => {
    const page = pageAt(new URL(url!, 'http://site').pathname)
    if (page === undefined) return void response.writeHead(404).end()
    const { text, headers = {} } = typeof page === 'string' ? { text: page } : page
    const isPage = headers['content-type'] === undefined
    response
      .writeHead(200, { 'content-type': 'text/html', ...headers })
      .end(isPage ? `<!doctype html>${text}` : text)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
