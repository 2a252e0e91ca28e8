import http, { type IncomingMessage, type ServerResponse } from 'node:http'

/** Passes a request on to `url`, as it is, and its answer back. Resolves with the answer's status. */
export function passOn(url: string, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const { method, headers } = request
  const forward = http.request(url, { method: method!, headers }, answer => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
    resolve(answer.statusCode!)
  })
  forward.on('error', reject)
  request.pipe(forward)
  return promise
}
