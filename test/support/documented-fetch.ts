import { openApiDocument } from '../../lib/http/api/operations/document.ts'
import { createRouteTable, Documented } from './documented.ts'

/** Node's fetch, for answers that are not of this service. */
export const bareFetch = globalThis.fetch

/**
 * From here on, every answer that a test fetches is compared with the OpenAPI document. An answer that differs from the
 * document fails the test, at the fetch or when the body is read. So does a 500, although it is documented: the service
 * should never answer that.
 */
export async function checkFetches(): Promise<void> {
  const server = await createRouteTable()
  const documented = new Documented(openApiDocument(server.table()))
  await server.stop()
  globalThis.fetch = async (url, init) => {
    const response = await bareFetch(url, init)
    const answer = {
      method: init?.method ?? 'GET',
      // The path after redirects.
      path: new URL(response.url).pathname,
      status: response.status,
      headers: Object.fromEntries(response.headers),
    }
    const check = (body: string | null) => {
      if (answer.status === 500) throw new Error(`${answer.method} ${answer.path}: the service failed`)
      const mistakes = documented.mistakes({ ...answer, body })
      if (mistakes.length > 0) throw new Error(`documented otherwise:\n${mistakes.join('\n')}`)
    }
    check(null)
    const text = async () => {
      const body = await Response.prototype.text.call(response)
      check(body)
      return body
    }
    return Object.assign(response, { text, json: async () => JSON.parse(await text()) })
  }
}
