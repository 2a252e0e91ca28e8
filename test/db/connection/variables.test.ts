import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { connect, openPool } from '../../../db/connection/connect.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../../support/process.ts'
import { runCommand } from '../commands/command-support.ts'

/** All that the driver knows; no connection of ours would survive these values. */
const NONSENSE = {
  PGHOST: 'nowhere.invalid',
  PGPORT: '1',
  PGUSER: 'nobody',
  PGPASSWORD: 'wrong',
  PGDATABASE: 'nothing',
  PGOPTIONS: '-c no_such_setting=on',
  PGREPLICATION: 'database',
  PGSSLMODE: 'verify-full',
  PGSSLNEGOTIATION: 'direct',
  PGAPPNAME: 'somebody else',
  PGCONNECT_TIMEOUT: '0.001',
  PGCLIENT_ENCODING: 'LATIN1',
  PGBINARY: 'true',
}

describe('the variables and the password file of libpq', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase({ isMigrated: false })
  })
  afterEach(() => forget(NONSENSE))
  after(() => database.drop())

  it('do not reach a client', async () => {
    Object.assign(process.env, NONSENSE)
    const client = await connect(database.server, 'clickcounter test')
    const { rows } = await client.query("SELECT 'é' AS text, current_setting('application_name') AS name")
    await client.end()
    expect(rows).to.deep.equal([{ text: 'é', name: 'clickcounter test' }])
  })

  it('do not reach a pool', async () => {
    Object.assign(process.env, NONSENSE)
    const pool = openPool(database.server, 'clickcounter test', 1)
    const client = await pool.connect()
    const { rows } = await client.query('SELECT current_database() AS name')
    client.release()
    await pool.end()
    expect(rows).to.deep.equal([{ name: database.server.name }])
  })

  it('give no password to a server that is set without one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'clickcounter-pgpass-'))
    const { host, port, user, password } = database.server
    const line = [host, port, '*', user, password].join(':')
    await writeFile(join(directory, '.pgpass'), line, { mode: 0o600 })
    const home = process.env.HOME
    process.env.HOME = directory
    const error = await connect({ ...database.server, password: '' }, 'clickcounter test').catch(
      (cause: Error) => cause,
    )
    process.env.HOME = home
    await rm(directory, { recursive: true })
    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/password/)
  })

  it('do not reach the commands and the service', async () => {
    const settings = { DATABASE_URL: database.url }
    const { status, stderr } = await runCommand('migrate-command', settings, ['up'], NONSENSE)
    expect(status, stderr).to.equal(0)
    const service = await serviceAmidNonsense(settings)
    await fetch(`${service.url}/counter/7`)
    const answer = await fetch(`${service.url}/stats/7`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: '2025-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' }),
    })
    expect(answer.status, await answer.text()).to.equal(200)
    expect(await endService(service)).to.equal(0)
    expect(await database.totalClicks()).to.equal(1)
  })

  function serviceAmidNonsense(settings: Record<string, string>): Promise<ServiceProcess> {
    Object.assign(process.env, NONSENSE)
    return startServiceProcess({ ...settings, SERVER_THREADS: '1' }).finally(() => forget(NONSENSE))
  }
})

function forget(variables: object): void {
  for (const name of Object.keys(variables)) delete process.env[name]
}
