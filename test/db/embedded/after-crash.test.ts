import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { findPostmaster, isRunning } from '../../../db/embedded/postmaster.ts'
import { query } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  removeTemplate,
  startError,
  startInChild,
  startQuietly,
} from './embedded-support.ts'

describe('the embedded Postgres after a crash', () => {
  afterEach(cleanUpAfterTest)
  after(removeTemplate)

  it('outlives the process group of a killed service, and the next service uses it as it is', async () => {
    const dataDir = await makeDataDir()
    const owner = await startInChild(dataDir)
    await owner.isStarted
    const left = await findPostmaster(join(dataDir, 'postgres'))
    process.kill(-owner.pid, 'SIGKILL')

    const postgres = await startQuietly(dataDir)
    expect(postgres.isAdopted).to.equal(true)
    expect((await findPostmaster(join(dataDir, 'postgres')))?.pid).to.equal(left?.pid)
    expect(await query(postgres.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    await postgres.stop()
    expect(isRunning(left!.pid)).to.equal(false)
  })

  it('is used as it is although the directory has another name by now', async () => {
    const dataDir = await makeDataDir()
    const first = await startQuietly(dataDir)
    await query(first.server, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await rename(dataDir, `${dataDir}-renamed`)

    const second = await startQuietly(`${dataDir}-renamed`)
    expect(second.isAdopted).to.equal(true)
    expect(await query(second.server, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }])
    await second.stop()
    expect(first.isAlive()).to.equal(false)
  })

  it('is waited for when it is still shutting down', async () => {
    const dataDir = await makeDataDir()
    const first = await startQuietly(dataDir)
    const pid = (await findPostmaster(join(dataDir, 'postgres')))!.pid
    // A smart shutdown lasts as long as this client stays.
    const client = await connect(first.server, 'clickcounter test')
    process.kill(pid, 'SIGTERM')
    const log = join(dataDir, 'postgres.log')
    await until(async () => (await readFile(log, 'utf8')).includes('received smart shutdown request'))
    const starting = startQuietly(dataDir)
    await until(async () => (await readFile(log, 'utf8')).includes('the database system is shutting down'))
    await client.end()

    const second = await starting
    expect(second.isAdopted).to.equal(false)
    expect(await query(second.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
  })

  it('is seen to be dead when its first process was killed, and restarts with its data', async () => {
    const dataDir = await makeDataDir()
    const postgres = await startQuietly(dataDir)
    await query(postgres.server, 'CREATE TABLE kept AS SELECT 42 AS answer')
    process.kill((await findPostmaster(join(dataDir, 'postgres')))!.pid, 'SIGKILL')
    await until(() => !postgres.isAlive())

    await postgres.bringUp()
    expect(postgres.isAlive()).to.equal(true)
    expect(await query(postgres.server, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }])
  })

  it('restarts as soon as the last process of the killed one has ended', async () => {
    const dataDir = await makeDataDir()
    const postgres = await startQuietly(dataDir)
    const client = await connect(postgres.server, 'clickcounter test')
    const backendPid = Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid)
    // Stands for a process that computes and notices nothing until it is done.
    process.kill(backendPid, 'SIGSTOP')
    process.kill((await findPostmaster(join(dataDir, 'postgres')))!.pid, 'SIGKILL')
    await until(() => !postgres.isAlive())
    const restarting = postgres.bringUp()
    const log = join(dataDir, 'postgres.log')
    await until(async () => (await readFile(log, 'utf8')).includes('pre-existing shared memory block'))
    process.kill(backendPid, 'SIGCONT')

    await restarting
    expect(await query(postgres.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    await client.end()
  })

  it('clears away what an interrupted first start left, and begins again', async () => {
    const dataDir = join(await makeDirectory(), 'data')
    await mkdir(join(dataDir, 'postgres.new-abc', 'cluster', 'base'), { recursive: true })
    await mkdir(join(dataDir, 'postgres'))
    const { server } = await startQuietly(dataDir)
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    expect((await readdir(dataDir)).sort()).to.deep.equal(['postgres', 'postgres.log', 'postgres.url'])
  })

  it('starts right after a service that was killed in the middle of initdb', async () => {
    const dataDir = join(await makeDirectory(), 'data')
    const owner = await startInChild(dataDir)
    await until(async () => {
      const names = await readdir(dataDir, { recursive: true }).catch(() => [])
      return names.some(name => name.endsWith(join('cluster', 'base')))
    })
    process.kill(owner.pid, 'SIGKILL')
    const url = await readFile(join(dataDir, 'postgres.url'), 'utf8')

    const { server } = await startQuietly(dataDir)
    expect(url).to.include(server.password)
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    expect((await readdir(dataDir)).sort()).to.deep.equal(['postgres', 'postgres.log', 'postgres.url'])
  })

  it('says which process to end when a Postgres that was left running does not answer', async () => {
    const dataDir = await makeDataDir()
    await startQuietly(dataDir)
    const pid = (await findPostmaster(join(dataDir, 'postgres')))!.pid
    process.kill(pid, 'SIGSTOP')
    try {
      const error = await startError(dataDir)
      expect(error.code).to.equal('EMBEDDED_POSTGRES_SILENT')
      expect(error.message).to.include(`kill -QUIT ${pid}`)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  })
})
