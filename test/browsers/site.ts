import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { passOn } from '../support/pass-on.ts'

/** What came of a request that a page has caused. */
export interface Seen {
  readonly method: string
  readonly path: string
  /** What the browser says of the page: same-origin, same-site, cross-site. */
  readonly site: string | undefined
  readonly hasCookie: boolean
  readonly status: number
}

/** Serves the files of the folder `page`, and gives all else to `rest`. */
export async function startSite(rest: RequestListener) {
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://site')
    const page = /^\/pages\/(\w+)$/.exec(pathname)?.[1]
    if (page !== undefined) {
      const script = `<script type="module" src="/files/${page}.js"></script>`
      response
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html><title>${page}</title><body>${script}`)
      return
    }
    const file = /^\/files\/([\w-]+\.js)$/.exec(pathname)?.[1]
    if (file === undefined) return rest(request, response)
    const text = await readFile(new URL(`page/${file}`, import.meta.url))
    response.setHeader('content-type', 'text/javascript').end(text)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}

/** Passes a request on to the service at `url`. Resolves when it is answered. */
export async function passAndNote(
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Seen> {
  const { method, headers, url: path } = request
  const site = headers['sec-fetch-site'] as string | undefined
  const status = await passOn(`${url}${path}`, request, response)
  return { method: method!, path: path!, site, hasCookie: headers.cookie !== undefined, status }
}
