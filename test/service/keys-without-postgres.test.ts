import { expect } from 'chai'
import { createKey, listKeys, type MadeKey, revokeKey } from '../../db/access/change-keys.ts'
import { urlOf } from '../../db/embedded/url-file.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../support/database.ts'
import { health, untilHealth } from '../support/health.ts'
import { endService, type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { sendBulk } from './keys-support.ts'

const ADMIN_KEY = 'an_admin_key_of_forty_characters_or_so__'
const WANTED = { name: 'a shop', scopes: ['count', 'read'], expiresAtMs: null, createdBy: 'shell' } as const

describe('keys while Postgres is away', function () {
  this.timeout(30_000)
  let database: TestDatabase
  let proxy: PostgresProxy
  beforeEach(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
  })
  afterEach(async () => {
    await proxy.close()
    await database.drop()
  })

  const start = (settings: Settings = {}) =>
    startServiceProcess({ DATABASE_URL: urlOf(proxy.server), SERVER_THREADS: '1', ...settings })
  const makeKey = () => withClient(database.server, client => createKey(client, WANTED))

  /** The status of a question with a key. */
  async function ask({ url }: ServiceProcess, text: string): Promise<number> {
    const answer = await fetch(`${url}/stats/1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${text}` },
      body: '{"from":"2026-01-01","to":"2026-01-02"}',
    })
    await answer.text()
    return answer.status
  }

  /** A service has let the key in, and is stopped. */
  async function leaveFile(): Promise<{ dataDir: string; made: MadeKey }> {
    const made = await makeKey()
    // The fewest that are allowed. One more is opened, so that questions are answered all the same.
    const service = await start({ DATABASE_MAX_OPEN_CONNS: '2' })
    await service.line(/use 3 database connections; set CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS/)
    expect(await sendBulk(service.url, made.text)).to.equal(202)
    expect(await ask(service, made.text)).to.equal(200)
    const today = new Date().toISOString().slice(0, 10)
    await until(async () => (await withClient(database.server, listKeys))[0]!.lastUsedOn === today)
    await stopService(service)
    return { dataDir: service.dataDir, made }
  }

  it('are those of the file after a start, with their age, until Postgres is back with newer ones', async () => {
    const { dataDir, made } = await leaveFile()
    proxy.cut()
    const service = await start({ DATA_DIR: dataDir })
    await service.line(/1 key in force/)
    expect([await sendBulk(service.url, made.text), await sendBulk(service.url, null)]).to.deep.equal([
      202, 401,
    ])
    expect(await ask(service, made.text), 'let in, and told that there is no database').to.equal(503)
    const { keys } = await health(service)
    expect(keys).to.include({ known: true, open: false, inForce: 1 })
    await untilHealth(service, report => report.keys.ageSeconds! > keys.ageSeconds! + 0.5)
    await withClient(database.server, client => revokeKey(client, made.key.id))
    await makeKey()
    proxy.restore()
    await until(async () => (await sendBulk(service.url, made.text)) === 401)
    expect((await health(service)).keys.ageSeconds).to.be.below(2)
    expect(await endService(service)).to.equal(0)
  })

  it('are not known after a start without a file: bulks are taken, and reading is refused', async () => {
    proxy.cut()
    const service = await start()
    await service.line(/the keys are not known yet/)
    expect(await sendBulk(service.url, null)).to.equal(202)
    expect(await ask(service, 'cck_')).to.equal(503)
    expect((await health(service)).keys).to.deep.include({ known: false, open: false, ageSeconds: null })
    proxy.restore()
    await service.line(/no key exists: everybody who reaches this port may count and read/)
    await untilHealth(service, ({ keys }) => keys.known && keys.open)
    expect(await endService(service)).to.equal(0)
  })

  it('are ADMIN_KEY alone after a start without a file: it closes the service from the first moment', async () => {
    proxy.cut()
    const service = await start({ ADMIN_KEY })
    const { text } = await makeKey()
    expect(await sendBulk(service.url, null)).to.equal(401)
    expect(await sendBulk(service.url, ADMIN_KEY)).to.equal(202)
    expect(await sendBulk(service.url, text), 'a key that may be in force').to.equal(503)
    proxy.restore()
    await until(async () => (await sendBulk(service.url, text)) === 202)
    expect(await endService(service)).to.equal(0)
  })
})
