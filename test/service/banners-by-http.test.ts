import { once } from 'node:events'
import http from 'node:http'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'

const ADMIN_KEY = 'the_admin_key_of_who_changes_banners'
const ROUNDS = 15
/** New ones for each round: the system shares them out to the threads. */
const CONNECTIONS = 8

describe('a change of banners by HTTP', () => {
  let database: TestDatabase
  let service: ServiceProcess
  before(async () => {
    database = await createTestDatabase()
    service = await startServiceProcess({ DATABASE_URL: database.url, SERVER_THREADS: '2', ADMIN_KEY })
  })
  after(async () => {
    await endService(service)
    await database.drop()
  })

  async function change(method: string, path: string, body?: unknown): Promise<number> {
    const answer = await fetch(`${service.url}/banners${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    await answer.text()
    return answer.status
  }

  /** Where a click leads, on a connection of its own; or the status. */
  async function follow(id: number): Promise<string | number> {
    const request = http.get(`${service.url}/click/${id}`, { agent: false })
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
    answer.resume()
    return answer.headers.location ?? answer.statusCode!
  }

  /** What all threads say right after the answer to the change. */
  async function followed(id: number): Promise<ReadonlySet<string | number>> {
    return new Set(await Promise.all(Array.from({ length: CONNECTIONS }, () => follow(id))))
  }

  it('is in force for each click that comes after its answer, in every thread', async function () {
    this.timeout(60_000)
    for (let round = 0; round < ROUNDS; round++) {
      const target = (what: string) => `https://shop.example/${round}/${what}`
      expect(await change('PUT', '/1', { name: 'a', target: target('put') })).to.equal(
        round === 0 ? 201 : 200,
      )
      expect(await followed(1)).to.deep.equal(new Set([target('put')]))
      expect(await change('PATCH', '/1', { target: target('patched') })).to.equal(200)
      expect(await followed(1)).to.deep.equal(new Set([target('patched')]))
      expect(await change('PATCH', '/1', { isActive: false })).to.equal(200)
      expect(await followed(1)).to.deep.equal(new Set([404]))
      expect(
        await change(
          'POST',
          '',
          [1, 2].map(id => ({ id, name: 'a', target: target('imported') })),
        ),
      ).to.equal(200)
      expect(await followed(1)).to.deep.equal(new Set([target('imported')]))
      expect(await change('DELETE', '/2')).to.equal(204)
      expect(await followed(2)).to.deep.equal(new Set([404]))
    }
  })
})
