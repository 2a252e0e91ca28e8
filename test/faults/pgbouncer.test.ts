import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type pg from 'pg'
import { createKey, revokeKey, rotateKey } from '../../db/access/change-keys.ts'
import { readAccess, readToken } from '../../db/access/read-access.ts'
import { patchBanner, putBanner, removeBanner } from '../../db/banners/edit-banners.ts'
import { readImport } from '../../db/banners/import/read-import.ts'
import { importBanners } from '../../db/banners/import-banners.ts'
import { inPages, listBanners } from '../../db/banners/list-banners.ts'
import { readRevision } from '../../db/banners/read-banners.ts'
import { connect, discard } from '../../db/connection/connect.ts'
import { urlOf } from '../../db/embedded/url-file.ts'
import { contentOf } from '../../lib/banners/banner-schema.ts'
import { health, untilAllStored, untilHealth, untilStoring } from '../support/health.ts'
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { scaled } from './scale.ts'

describe('PgBouncer in transaction mode', function () {
  this.timeout(scaled(60_000, 600_000))
  let postgres: OwnPostgres
  let pooler: PgBouncer
  let service: ServiceProcess
  before(async () => {
    postgres = await startOwnPostgres()
  })
  beforeEach(() => postgres.clear())
  afterEach(async () => {
    service.signal('SIGTERM')
    expect(await service.exited, service.lines.join('\n')).to.equal(0)
    await rm(service.dataDir, { recursive: true, force: true })
    await pooler.remove()
  })
  after(() => postgres.remove())

  /** The database has no tables at first, so that they are made through the pooler as well. */
  async function startService(settings: readonly string[]): Promise<void> {
    pooler = await startPgBouncer(postgres.server, settings)
    service = await startServiceProcess({
      ...CLASSED,
      DATABASE_URL: urlOf(pooler.server),
      CLICK_FLUSHER_INTERVAL: '0.05',
      SERVER_THREADS: '2',
    })
    await untilHealth(service, ({ status }) => status === 'ok')
  }

  for (const [title, settings] of [
    ['as it comes', []],
    // Anything kept in a session would be lost, or would be another client's.
    ['with one connection for all', ['default_pool_size = 1']],
  ] as const)
    it(`serves all that the service does: ${title}`, async () => {
      await startService(settings)
      await Promise.all(
        Array.from({ length: 8 }, async (_, banner) => {
          for (let click = 1; click <= 3; click++) {
            await fetch(`${service.url}/counter/${banner + 1}`)
            expect(await totalOf(banner + 1)).to.equal(click)
          }
        }),
      )
      await untilAllStored(service)
      expect((await health(service)).flush).to.include({ failures: 0, lastError: null })
    })

  it('lets keys be made, rotated and revoked, and is asked for them', async () => {
    await startService(['default_pool_size = 1'])
    const clients = await Promise.all([1, 2].map(() => connect(pooler.server, 'clickcounter test')))
    const [one, other] = clients as [pg.Client, pg.Client]
    const wanted = { name: 'a shop', scopes: ['read'], expiresAtMs: null, createdBy: 'shell' } as const
    const [first, second] = await Promise.all([createKey(one, wanted), createKey(other, wanted)])
    const rotated = await rotateKey(one, first.key.id, { overlapMs: 0, createdBy: 'shell' })
    await revokeKey(other, second.key.id)
    const { keys, token } = await readAccess(one)
    expect(keys.map(({ id }) => id)).to.deep.equal([rotated.key.id])
    expect((await readToken(other)).token).to.equal(token)
    expect(await revokeKey(one, rotated.key.id)).to.deep.include({ isLast: true })
    clients.forEach(discard)
  })

  it('lets banners be changed, imported and read', async () => {
    await startService(['default_pool_size = 1'])
    const clients = await Promise.all([1, 2].map(() => connect(pooler.server, 'clickcounter test')))
    const [one, other] = clients as [pg.Client, pg.Client]
    const lines = Array.from({ length: 1500 }, (_, index) => `{"id":${index + 1},"name":"imported"}\n`)
    const chunks = Readable.from([Buffer.from(lines.join(''))])
    await using spool = await readImport(chunks, 'ndjson', tmpdir())
    const edit = { by: 'shell', ifVersion: null }
    const [summary] = await Promise.all([
      importBanners(one, spool, { by: 'shell', isPreview: false }),
      // Waits for the import, or is there before it.
      putBanner(other, 2000, contentOf({ name: 'put' }), { ...edit, ifNoneExists: true }),
    ])
    expect(summary).to.include({ created: 1500 })
    expect(await importBanners(other, spool, { by: 'shell', isPreview: true })).to.include({
      unchanged: 1500,
    })
    const { version } = await patchBanner(one, 7, { name: 'edited' }, edit)
    expect((await readRevision(other, null)).newest).to.deep.include({ token: version })
    await removeBanner(other, 7, { ...edit, ifVersion: version })
    const none = { q: null, campaign: null, label: null, isActive: null }
    const pages = await Array.fromAsync(inPages(query => listBanners(one, query), none))
    expect(pages.flat()).to.have.lengthOf(1500)
    clients.forEach(discard)
  })

  it('that is killed, or whose Postgres is killed, costs no click and doubles none', async () => {
    const kills = scaled(1, 20)
    // By default, it waits 15 s before it tries a Postgres again that was away.
    await startService(['server_login_retry = 1'])
    const oracle = new Oracle()
    for (let kill = 0; kill < kills; kill++) {
      const load = fireAt(oracle, service, 2)
      await untilStoring(service)
      await pooler.kill()
      await untilHealth(service, ({ database }) => database.status === 'down')
      await pooler.start()
      await untilStoring(service)
      await postgres.killAll()
      await postgres.restart()
      await untilStoring(service)
      await load.stop()
    }
    await untilAllStored(service)
    judge('kill -9 of PgBouncer, and of Postgres behind it', kills, await oracle.verdict(postgres))
  })

  /** Clicks of all classes. */
  async function totalOf(bannerId: number): Promise<number> {
    const response = await fetch(`${service.url}/stats/${bannerId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"from":"2020-01-01","to":"2030-01-01"}',
    })
    const { total, bots, duplicates } = (await response.json()) as Record<
      'total' | 'bots' | 'duplicates',
      number
    >
    return total + bots + duplicates
  }
})
