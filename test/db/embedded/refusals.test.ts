import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { clusterPaths, createCluster } from '../../../db/embedded/cluster.ts'
import { openEmbeddedPostgres } from '../../../db/embedded/embedded.ts'
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
    expect((await startError(dataDir)).message, 'the next try').to.equal(error.message)
  })

  it('hands on why it cannot be created, in the same words at each try, and not how far initdb came', async () => {
    const paths = clusterPaths(await makeDirectory())
    const initdb = join(paths.dataDir, 'initdb')
    const user = {
      ownerId: process.getuid?.(),
      command: (file: string, args: readonly string[]) => ({ file, args }),
    }
    const words = async (script: string) => {
      await writeFile(initdb, `#!/bin/sh\n${script}`, { mode: 0o700 })
      const binaries = { initdb, postgres: '', majorVersion: 18 }
      return await createCluster(paths, binaries, user, 'secret').catch(error => error.message)
    }
    const failing = `
      echo "creating directory ... ok"
      echo "$(date '+%F %T.%3N') UTC [$$] FATAL:  No space left on device" >&2
      echo "initdb: removing data directory \\"\${1#--pgdata=}\\"" >&2
      exit 1`
    const failure = `The embedded Postgres cannot be created: initdb failed with exit code 1: FATAL:  No space left on device
initdb: removing data directory "${paths.cluster}.new/cluster"`
    expect(await words(failing)).to.equal(failure)
    expect(await words(failing), 'the next try').to.equal(failure)

    await mkdir(join(paths.cluster, 'taken'), { recursive: true })
    const making = `mkdir "\${1#--pgdata=}"`
    expect(await words(making)).to.match(/cannot be created: ENOTEMPTY: .*postgres\.new\/cluster'/)
    expect(await words(making), 'the next try').to.equal(await words(making))
  })

  it('is not made when a cluster has been put in its place meanwhile', async () => {
    const otherDataDir = await makeDataDir()
    const cluster = join(otherDataDir, 'postgres')
    await rename(cluster, `${cluster}.away`)
    const postgres = await openEmbeddedPostgres({ dataDir: otherDataDir, log: () => {} })
    await rename(`${cluster}.away`, cluster)
    await postgres.bringUp()
    expect(await query(postgres.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    await postgres.stop()
  })
})
