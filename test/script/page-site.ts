import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A page of a test: HTML, with headers where it needs some. */
export interface TestPage {
  readonly html: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Pages at an origin of their own. `pageAt`: the page of a path, or undefined. */
export async function startPageSite(pageAt: (path: string) => TestPage | string | undefined) {
  const server = http.createServer(({ url }, response) => {
    const page = pageAt(new URL(url!, 'http://site').pathname)
    if (page === undefined) return void response.writeHead(404).end()
    const { html, headers = {} } = typeof page === 'string' ? { html: page } : page
    response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(`<!doctype html>${html}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
