import { expect } from 'chai'
import { createKey, revokeKey } from '../../db/access/change-keys.ts'
import { connect } from '../../db/connection/connect.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const LIMIT_MS = 2000
const FROM_THE_PAGE = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
const newsroom = { name: 'newsroom', scopes: ['read'], expiresAtMs: null, createdBy: 'shell' } as const

describe('a session, on two instances', function () {
  this.timeout(30_000)
  let database: TestDatabase
  let here: ServiceProcess
  let there: ServiceProcess
  before(async () => {
    database = await createTestDatabase()
  })
  beforeEach(async () => {
    const settings = { DATABASE_URL: database.url, SERVER_THREADS: '2', ADMIN_KEY: 'a'.repeat(32) }
    const both = Promise.all([startServiceProcess(settings), startServiceProcess(settings)])
    ;[here, there] = await both
  })
  afterEach(() => Promise.all([endService(here), endService(there)]))
  after(() => database.drop())

  /** The cookie of a new session; undefined: the key is not known. */
  const logIn = async (key: string) => {
    const body = JSON.stringify({ key })
    const answer = await fetch(`${here.url}/session`, { method: 'POST', headers: FROM_THE_PAGE, body })
    return answer.headers.getSetCookie()[0]?.split(';')[0]
  }
  const logOut = (cookie: string) =>
    fetch(`${here.url}/session`, { method: 'DELETE', headers: { ...FROM_THE_PAGE, cookie } })
  const name = async ({ url }: ServiceProcess, cookie: string) => {
    const answer = await fetch(`${url}/session`, { headers: { cookie, connection: 'close' } })
    return ((await answer.json()) as { name: string | null }).name
  }
  /** On every thread, because each connection may reach another one. */
  const names = async (service: ServiceProcess, cookie: string) =>
    new Set(await Promise.all(Array.from({ length: 16 }, () => name(service, cookie))))
  const untilOver = async (service: ServiceProcess, cookie: string) => {
    const startedAtMs = performance.now()
    await until(async () => (await names(service, cookie)).isSubsetOf(new Set([null])))
    return performance.now() - startedAtMs
  }

  it('is known on both, over on one with its log-out, and on the other within 2 s', async () => {
    const cookie = (await logIn('a'.repeat(32)))!
    expect([...(await names(there, cookie))]).to.deep.equal(['ADMIN_KEY'])
    expect((await logOut(cookie)).status).to.equal(200)
    expect([...(await names(here, cookie))]).to.deep.equal([null])
    expect(await untilOver(there, cookie)).to.be.below(LIMIT_MS)
  })

  it('is over on both within 2 s of the end of its key', async () => {
    const client = await connect(database.server, 'clickcounter test')
    try {
      const { key, text } = await createKey(client, newsroom)
      await until(async () => (await logIn(text)) !== undefined)
      const cookie = (await logIn(text))!
      await revokeKey(client, key.id)
      const lasted = await Promise.all([here, there].map(service => untilOver(service, cookie)))
      expect(Math.max(...lasted)).to.be.below(LIMIT_MS)
    } finally {
      await client.end()
    }
  })
})
