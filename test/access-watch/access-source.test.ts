import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect } from 'chai'
import { createKey, revokeKey } from '../../db/access/change-keys.ts'
import type { AccessToken } from '../../db/access/read-access.ts'
import { migrate } from '../../db/schema/migrate.ts'
import { AccessSource } from '../../lib/access-watch/access-source.ts'
import { WatchConnection } from '../../lib/watch/watch-connection.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../support/database.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'

const WANTED = { name: 'a shop', scopes: ['read'], expiresAtMs: null, createdBy: 'shell' } as const
const CONNECTIONS = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'clickcounter watch'`

describe('the keys in Postgres, as main reads them', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let source: AccessSource
  beforeEach(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
    source = new AccessSource(new WatchConnection(proxy.server))
  })
  afterEach(async () => {
    source.close()
    await proxy.close()
    await database.drop()
  })

  const change = <Result>(how: (client: Parameters<typeof createKey>[0]) => Promise<Result>) =>
    withClient(database.server, how)
  const failure = (known: AccessToken | null = null, asked = source) =>
    asked.read(known).then(
      () => null,
      (error: Error) => error,
    )

  it('are read once after each change, over one connection', async () => {
    const first = (await source.read(null))!
    expect(first.keys).to.deep.equal([])
    expect(await source.read(first)).to.equal(null)
    const { key } = await change(client => createKey(client, WANTED))
    const second = (await source.read(first))!
    expect(second.keys.map(({ id }) => id)).to.deep.equal([key.id])
    expect(await source.read(second)).to.equal(null)
    await change(client => revokeKey(client, key.id))
    expect((await source.read(second))!.keys).to.deep.equal([])
    expect(proxy.connectionCount).to.equal(1)
    expect(await database.query(CONNECTIONS)).to.have.length(1)
  })

  it('are read again when the database was put back to what it was before a change', async () => {
    const [state] = await database.query<{ token: string }>('SELECT token FROM access_state')
    const { key } = await change(client => createKey(client, WANTED))
    const later = (await source.read(null))!
    await database.query('DELETE FROM access_keys WHERE id = $1', [key.id])
    await database.query('UPDATE access_state SET token = $1', [state!.token])
    expect((await source.read(later))!.keys).to.deep.equal([])
  })

  it('are not taken from another database, whatever its token, until the right one is there again', async () => {
    const first = (await source.read(null))!
    const setId = (id: string) => database.query('UPDATE click_database SET id = $1', [id])
    await setId(crypto.randomUUID())
    expect(await failure(first)).to.have.property('code', 'OTHER_DATABASE')
    await change(client => createKey(client, WANTED))
    expect(await failure(first)).to.have.property('code', 'OTHER_DATABASE')
    await setId(first.database)
    expect((await source.read(first))!.keys).to.have.length(1)
  })

  it('cannot be read before the tables are made, and can as soon as they are', async () => {
    await database.drop()
    await database.recreate()
    expect(await failure()).to.have.property('code', '42P01')
    await migrate(database.server, { kind: 'up' })
    expect((await source.read(null))!.keys).to.deep.equal([])
  })

  it('are read over another connection when the first one has died', async () => {
    await source.read(null)
    await database.query(`SELECT pg_terminate_backend(pid) FROM (${CONNECTIONS}) AS connections`)
    // The death of an idle connection may be known only by the next question.
    await failure()
    expect(await source.read(null)).not.to.equal(null)
    expect(proxy.connectionCount).to.equal(2)
  })

  it('are asked for on another connection soon after one hangs half-open', async () => {
    await source.read(null)
    proxy.judge = () => 'swallow'
    const askedAtMs = performance.now()
    expect(await failure()).to.have.property('message', 'Query read timeout')
    expect(performance.now() - askedAtMs).to.be.below(4000)
    proxy.judge = () => 'pass'
    expect(await source.read(null)).not.to.equal(null)
  }).timeout(10_000)

  it('are given up at once when the service stops, whether it asks or connects', async () => {
    await source.read(null)
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    for (const asked of [source, new AccessSource(new WatchConnection({ ...database.server, port }))]) {
      proxy.judge = () => 'hold'
      const reading = failure(null, asked)
      const closedAtMs = performance.now()
      asked.close()
      expect(await reading).to.be.an('error')
      expect(performance.now() - closedAtMs).to.be.below(500)
    }
    silent.close()
  })
})
