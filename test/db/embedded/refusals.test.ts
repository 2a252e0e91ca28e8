import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { query } from '../../support/database.ts'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  removeTemplate,
  startError,
  startQuietly,
} from './embedded-support.ts'

describe('the embedded Postgres that cannot start', () => {
  const spoilt = ['postgres.url', 'postgres/PG_VERSION', 'postgres/postgresql.conf']
  const intact = new Map<string, string>()
  let dataDir: string

  before(async () => {
    dataDir = await makeDataDir()
    for (const name of spoilt) intact.set(name, await readFile(join(dataDir, name), 'utf8'))
  })
  afterEach(async () => {
    for (const [name, content] of intact) await writeFile(join(dataDir, name), content)
  })
  after(async () => {
    await cleanUpAfterTest()
    await removeTemplate()
  })

  it('says what to do when postgres.url is lost, and touches nothing', async () => {
    const urlFile = join(dataDir, 'postgres.url')
    await rm(urlFile)
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_URL_FILE')
    expect(error.message).to.include(urlFile)
    expect(error.message).to.include('restore that file from a backup, or move')

    await writeFile(urlFile, intact.get('postgres.url')!)
    const { server, stop } = await startQuietly(dataDir)
    expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    await stop()
  })

  it('says what belongs into postgres.url when something else is in it', async () => {
    await writeFile(join(dataDir, 'postgres.url'), 'postgresql://clickcounter')
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_URL_FILE')
    expect(error.message).to.include('should hold one line such as postgresql://')
  })

  it('says so when postgres.url has another password, and leaves no Postgres running', async () => {
    const url = intact.get('postgres.url')!
    await writeFile(join(dataDir, 'postgres.url'), url.replace(/:[^:@]+@/, ':wrong@'))
    expect((await startError(dataDir)).code).to.equal('EMBEDDED_POSTGRES_PASSWORD')
    expect(await readdir(join(dataDir, 'postgres'))).not.to.include('postmaster.pid')
  })

  it('says so when the cluster was made by another version', async () => {
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '12\n')
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_VERSION')
    expect(error.message).to.include('PostgreSQL 12')
  })

  it('says so when something else is in the place of the cluster, and touches nothing', async () => {
    const otherDataDir = join(await makeDirectory(), 'data')
    const notes = join(otherDataDir, 'postgres', 'notes.txt')
    await mkdir(join(otherDataDir, 'postgres'), { recursive: true })
    await writeFile(notes, 'mine')
    expect((await startError(otherDataDir)).code).to.equal('EMBEDDED_POSTGRES_CLUSTER')
    expect(await readFile(notes, 'utf8')).to.equal('mine')
  })

  it('hands on what Postgres says', async () => {
    await writeFile(join(dataDir, 'postgres', 'postgresql.conf'), 'no_such_setting = on\n')
    const error = await startError(dataDir)
    expect(error.code).to.equal('EMBEDDED_POSTGRES_START')
    expect(error.message).to.include('unrecognized configuration parameter "no_such_setting"')
  })
})
