import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { urlOf } from '../../db/embedded/url-file.ts'
import { Registry } from '../banner-watch/registry.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { health, untilHealth } from '../support/health.ts'
import { endService, startServiceProcess, stopService } from '../support/process.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { follow } from './banners-support.ts'

const FALLBACK = 'https://fallback.example/'

describe('banners while Postgres is away', function () {
  this.timeout(30_000)
  let database: TestDatabase
  let registry: Registry
  let proxy: PostgresProxy
  beforeEach(async () => {
    database = await createTestDatabase()
    registry = new Registry(database)
    await registry.register(1, 10)
    proxy = await startPostgresProxy(database.server)
  })
  afterEach(async () => {
    await proxy.close()
    await database.drop()
  })

  const start = (settings: Settings = {}) =>
    startServiceProcess({ DATABASE_URL: urlOf(proxy.server), SERVER_THREADS: '1', ...settings })

  /** A service has known the banners, and one change, and is killed. */
  async function leaveFiles(): Promise<string> {
    const service = await start()
    await registry.register(2, 2, 'https://b.example/')
    await until(async () => (await follow(service.url, 2)) === 'https://b.example/2')
    const changes = join(service.dataDir, 'banners.changes')
    await until(async () => (await readFile(changes)).includes('https://b.example/2'))
    service.signal('SIGKILL')
    await service.exited
    return service.dataDir
  }

  it('lead where they led last, also after kill -9 and a start, until Postgres is back with newer ones', async () => {
    const dataDir = await leaveFiles()
    proxy.cut()
    const service = await start({ DATA_DIR: dataDir })
    await service.line(/10 banners registered/)
    expect(await Promise.all([1, 2, 11].map(id => follow(service.url, id)))).to.deep.equal([
      'https://a.example/1',
      'https://b.example/2',
      '404',
    ])
    const { banners } = await health(service)
    expect(banners).to.include({ known: true, registered: 10 })
    await untilHealth(service, report => report.banners.ageSeconds! > banners.ageSeconds! + 0.5)
    await registry.register(11, 11)
    await registry.remove(1, 1)
    proxy.restore()
    await until(async () => (await follow(service.url, 1)) === '404')
    expect(await follow(service.url, 11)).to.equal('https://a.example/11')
    expect((await health(service)).banners.ageSeconds).to.be.below(2)
    expect(await endService(service)).to.equal(0)
  })

  it('are not known after a start without files: a click is told so, or goes to the fallback', async () => {
    proxy.cut()
    const service = await start()
    await service.line(/the banners are not known yet/)
    expect(await follow(service.url, 1)).to.equal('503')
    expect((await health(service)).banners).to.include({ known: false, registered: 0, ageSeconds: null })
    const other = await start({ CLICK_FALLBACK_URL: FALLBACK })
    expect(await follow(other.url, 1)).to.equal(FALLBACK)
    proxy.restore()
    // Not before: until Postgres is back, it waits to store the click.
    expect(await endService(other)).to.not.equal(null)
    await until(async () => (await follow(service.url, 1)) === 'https://a.example/1')
    expect((await health(service)).banners).to.include({ known: true, registered: 10 })
    expect(await endService(service)).to.equal(0)
  })

  it('are read from Postgres, and their files replaced, where the files are damaged or of another database', async () => {
    const dataDir = await leaveFiles()
    const changes = join(dataDir, 'banners.changes')
    await writeFile(join(dataDir, 'banners.base'), 'no table')
    const damaged = await start({ DATA_DIR: dataDir })
    await damaged.line(/banners\.base is ignored, and replaced when Postgres answers: it is damaged/)
    expect(await follow(damaged.url, 2)).to.equal('https://b.example/2')
    await until(async () => (await readFile(join(dataDir, 'banners.base'))).includes('https://b.example/2'))
    await stopService(damaged)
    await database.query('UPDATE click_database SET id = gen_random_uuid()')
    await registry.remove(1, 1)
    const [{ id }] = (await database.query<{ id: string }>('SELECT id FROM click_database')) as [
      { id: string },
    ]
    const elsewhere = await start({ DATA_DIR: dataDir })
    await until(async () => (await follow(elsewhere.url, 1)) === '404')
    await until(async () => (await readFile(changes)).includes(id))
    expect(await endService(elsewhere)).to.equal(0)
  })
})
