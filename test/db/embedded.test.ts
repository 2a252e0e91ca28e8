import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  query,
  removeTemplate,
  startError,
  startQuietly,
} from './embedded-support.ts'

describe('the embedded Postgres', () => {
  afterEach(cleanUpAfterTest)
  after(removeTemplate)

  it('makes its cluster at the first start and answers on loopback, in UTC and UTF-8, with durable commits', async () => {
    const dataDir = join(await makeDirectory(), 'data')
    const postgres = await startQuietly(dataDir)
    expect(postgres.isAdopted).to.equal(false)
    expect(postgres.isAlive()).to.equal(true)
    expect(postgres.server.host).to.equal('127.0.0.1')
    const settings = await query(
      postgres.server,
      `SELECT current_database() AS database, current_setting('TimeZone') AS zone,
              current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
              current_setting('synchronous_commit') AS commit, current_setting('listen_addresses') AS addresses,
              current_setting('unix_socket_directories') AS sockets`,
    )
    expect(settings).to.deep.equal([
      {
        database: 'clickcounter',
        zone: 'UTC',
        encoding: 'UTF8',
        fsync: 'on',
        commit: 'on',
        addresses: '127.0.0.1',
        sockets: '',
      },
    ])
    expect((await readdir(dataDir)).sort()).to.deep.equal(['postgres', 'postgres.log', 'postgres.url'])
  })

  it('keeps the password in postgres.url, for the owner alone, as a URL that psql takes', async () => {
    const dataDir = await makeDataDir()
    const { server } = await startQuietly(dataDir)
    const urlFile = join(dataDir, 'postgres.url')
    expect((await stat(urlFile)).mode & 0o777).to.equal(0o600)
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).to.equal(0o700)
    expect(await readFile(urlFile, 'utf8')).to.equal(
      `postgresql://clickcounter:${server.password}@127.0.0.1:${server.port}/clickcounter\n`,
    )
    const refused = await query({ ...server, password: 'clickcounter' }, 'SELECT 1').catch(error => error)
    expect(refused).to.have.property('code', '28P01')
  })

  it('keeps data, password and port from one start to the next', async () => {
    const dataDir = await makeDataDir()
    const first = await startQuietly(dataDir)
    await query(first.server, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    expect(first.isAlive()).to.equal(false)

    const second = await startQuietly(dataDir)
    expect(second.isAdopted).to.equal(false)
    expect(second.server).to.deep.equal(first.server)
    expect(await query(second.server, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }])
  })

  it('stops although clients are connected, and stopping again is nothing', async () => {
    const postgres = await startQuietly(await makeDataDir())
    const busy = query(postgres.server, 'SELECT pg_sleep(60)').catch(error => error)
    await postgres.stop()
    expect(await busy).to.be.an('error')
    expect(postgres.isAlive()).to.equal(false)
    await postgres.stop()
  })

  it('leaves the signals of the process alone', async () => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'beforeExit']
    const countListeners = () => signals.map(signal => process.listenerCount(signal))
    const before = countListeners()
    const postgres = await startQuietly(await makeDataDir())
    expect(countListeners()).to.deep.equal(before)
    await postgres.stop()
  })

  it('moves to another port when its own is taken, and says so in postgres.url', async () => {
    const dataDir = await makeDataDir()
    const urlFile = join(dataDir, 'postgres.url')
    const port = Number(new URL(await readFile(urlFile, 'utf8')).port)
    const stranger = createServer().listen(port, '127.0.0.1')
    await once(stranger, 'listening')
    try {
      const { server } = await startQuietly(dataDir)
      expect(server.port).not.to.equal(port)
      expect(new URL(await readFile(urlFile, 'utf8')).port).to.equal(String(server.port))
      expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    } finally {
      stranger.close()
    }
  })

  it('creates its database when it is missing', async () => {
    const dataDir = await makeDataDir()
    const first = await startQuietly(dataDir)
    await query({ ...first.server, name: 'postgres' }, 'DROP DATABASE clickcounter')
    await first.stop()
    const { server } = await startQuietly(dataDir)
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('says what to do when postgres.url is lost, and touches nothing', async () => {
    const dataDir = await makeDataDir()
    const urlFile = join(dataDir, 'postgres.url')
    await rename(urlFile, `${urlFile}.saved`)
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_URL_FILE')
    expect(error.message)
      .to.include(urlFile)
      .and.include('restore that file from a backup')
      .and.include('move')

    await rename(`${urlFile}.saved`, urlFile)
    expect(await query((await startQuietly(dataDir)).server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('says so when postgres.url is not a URL', async () => {
    const dataDir = await makeDataDir()
    await writeFile(join(dataDir, 'postgres.url'), 'postgresql://clickcounter')
    expect((await startError(dataDir)).message).to.include('should hold one line such as postgresql://')
  })

  it('says so when postgres.url has another password, and leaves no Postgres running', async () => {
    const dataDir = await makeDataDir()
    const urlFile = join(dataDir, 'postgres.url')
    await writeFile(urlFile, (await readFile(urlFile, 'utf8')).replace(/:[^:@]+@/, ':wrong@'))
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_PASSWORD')
    expect(await readdir(join(dataDir, 'postgres'))).not.to.include('postmaster.pid')
  })

  it('says so when the cluster was made by another version', async () => {
    const dataDir = await makeDataDir()
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '12\n')
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_VERSION')
    expect(error.message).to.include('PostgreSQL 12')
  })

  it('says so when something else is in the place of the cluster', async () => {
    const dataDir = join(await makeDirectory(), 'data')
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(join(dataDir, 'postgres', 'notes.txt'), 'mine')
    expect((await startError(dataDir)).code).to.equal('EMBEDDED_POSTGRES_CLUSTER')
    expect(await readFile(join(dataDir, 'postgres', 'notes.txt'), 'utf8')).to.equal('mine')
  })

  it('hands on what Postgres says when it does not start', async () => {
    const dataDir = await makeDataDir()
    await writeFile(join(dataDir, 'postgres', 'postgresql.conf'), 'no_such_setting = on\n')
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_START')
    expect(error.message).to.include('unrecognized configuration parameter "no_such_setting"')
  })

  it('says which settings name another Postgres when its package is not installed', async () => {
    const elsewhere = await makeDirectory()
    for (const file of ['lib/errors.ts', 'db/embedded/binaries.ts', 'db/embedded/run-command.ts']) {
      await cp(new URL(`../../${file}`, import.meta.url), join(elsewhere, file))
    }
    const { findBinaries } = await import(pathToFileURL(join(elsewhere, 'db/embedded/binaries.ts')).href)
    const error = await findBinaries().catch((error: unknown) => error)
    expect(error).to.have.property('code', 'EMBEDDED_POSTGRES_MISSING')
    expect(error.message)
      .to.include('CLICKCOUNTER_DATABASE_URL or CLICKCOUNTER_DATABASE_HOST')
      .and.include('npm install --include=optional')
    await rm(elsewhere, { recursive: true })
  })
})
