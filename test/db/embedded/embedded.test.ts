import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { connect } from '../../../db/connection/connect.ts'
import type { EmbeddedPostgres } from '../../../db/embedded/embedded.ts'
import { findPostmaster } from '../../../db/embedded/postmaster.ts'
import { prepareDatabase } from '../../../db/embedded/prepare-database.ts'
import { query } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  removeTemplate,
  startQuietly,
} from './embedded-support.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'beforeExit']

describe('the embedded Postgres at its first start', () => {
  let dataDir: string
  let postgres: EmbeddedPostgres
  let listenersBefore: number[]

  before(async () => {
    dataDir = join(await makeDirectory(), 'data')
    listenersBefore = signals.map(signal => process.listenerCount(signal))
    postgres = await startQuietly(dataDir)
  })
  after(cleanUpAfterTest)

  it('makes its cluster and leaves nothing else behind', async () => {
    expect(postgres.isAdopted).to.equal(false)
    expect(postgres.isAlive()).to.equal(true)
    expect((await readdir(dataDir)).sort()).to.deep.equal(['postgres', 'postgres.log', 'postgres.url'])
  })

  it('answers at a socket in its own directory and on no port, in UTC and UTF-8, with durable commits', async () => {
    expect(postgres.server.host).to.equal(join(dataDir, 'postgres'))
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
        addresses: '',
        sockets: '.',
      },
    ])
  })

  it('keeps the password in postgres.url, for the owner alone, as a URL that psql takes', async () => {
    const { server } = postgres
    const urlFile = join(dataDir, 'postgres.url')
    expect((await stat(urlFile)).mode & 0o777).to.equal(0o600)
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).to.equal(0o700)
    expect(await readFile(urlFile, 'utf8')).to.equal(
      `postgresql://clickcounter:${server.password}@localhost:5432/clickcounter?host=${encodeURIComponent(join(dataDir, 'postgres'))}\n`,
    )
    const refused = await query({ ...server, password: 'clickcounter' }, 'SELECT 1').catch(error => error)
    expect(refused).to.have.property('code', '28P01')
  })

  it('leaves the signals of the process alone', () => {
    expect(signals.map(signal => process.listenerCount(signal))).to.deep.equal(listenersBefore)
  })
})

describe('the embedded Postgres', () => {
  afterEach(cleanUpAfterTest)
  after(removeTemplate)

  it('keeps data and password from one start to the next', async () => {
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

  it('lives in a directory whose path a shell would take apart, and is too long for a socket', async () => {
    const dataDir = join(await makeDirectory(), `"$HOME" \`id\` '%41 ä, ${'x'.repeat(100)}`, 'data')
    const postgres = await startQuietly(dataDir)
    expect(await query(postgres.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    const client = new pg.Client((await readFile(join(dataDir, 'postgres.url'), 'utf8')).trim())
    await client.connect()
    await client.end()
    await postgres.stop()
    expect(existsSync(postgres.server.host)).to.equal(false)
  })

  it('is found although the environment names another port and another way to begin TLS', async () => {
    const dataDir = await makeDataDir()
    Object.assign(process.env, { PGPORT: '5999', PGSSLNEGOTIATION: 'direct' })
    const { server } = await startQuietly(dataDir).finally(() => {
      delete process.env.PGPORT
      delete process.env.PGSSLNEGOTIATION
    })
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('creates its database when it is missing', async () => {
    const dataDir = await makeDataDir()
    const first = await startQuietly(dataDir)
    await query({ ...first.server, name: 'postgres' }, 'DROP DATABASE clickcounter')
    await first.stop()
    const { server } = await startQuietly(dataDir)
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('has its database created once when the request of a killed service is still under way', async () => {
    const dataDir = await makeDataDir()
    const { server } = await startQuietly(dataDir)
    const anyDatabase = { ...server, name: 'postgres' }
    await query(anyDatabase, 'DROP DATABASE clickcounter')
    const blocker = await connect(anyDatabase, 'clickcounter test')
    // Blocks CREATE DATABASE, so that both see that the database is missing before one of them creates it.
    await blocker.query('BEGIN; LOCK TABLE pg_database IN SHARE MODE')
    const { pid } = (await findPostmaster(join(dataDir, 'postgres')))!
    const both = Promise.all([prepareDatabase(server, pid), prepareDatabase(server, pid)])
    const waiting = `SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND wait_event_type = 'Lock'`
    await until(async () => (await query(anyDatabase, waiting)).length === 2)
    await blocker.query('COMMIT')
    expect(await both).to.deep.equal([true, true])
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    await blocker.end()
  })
})
