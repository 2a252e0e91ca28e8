import { openApiDocument } from '../../lib/http/api/operations/document.ts'
import { createRouteTable, Documented } from './documented.ts'

/** Of Node: for what is not this service's to answer. */
export const bareFetch = globalThis.fetch

/**
 * From here on, every answer that a test fetches is held against the OpenAPI document: a test that gets one
 * which is documented otherwise, or not at all, fails where it fetches, or where it reads the body. So does one
 * that gets 500, documented as it is: the service is never meant to answer that.
 */
export async function checkFetches(): Promise<void> {
  const server = await createRouteTable()
  const documented = new Documented(openApiDocument(server.table()))
  await server.stop()
  globalThis.fetch = async (url, init) => {
    const response = await bareFetch(url, init)
    const answer = {
      method: init?.method ?? 'GET',
      // Where a redirect has led to.
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
