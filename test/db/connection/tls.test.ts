import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { connect, discard, openPool } from '../../../db/connection/connect.ts'
import { databaseFailure } from '../../../db/connection/failure.ts'
import { hostInUse } from '../../../db/connection/hosts.ts'
import { choosePostgresUser } from '../../../db/embedded/as-user.ts'
import { findBinaries } from '../../../db/embedded/binaries.ts'
import { giveTo } from '../../../db/embedded/cluster.ts'
import type { DatabaseServer } from '../../../lib/config/config.ts'
import { read } from '../../config/reading.ts'
import { type Certificate, certificateMaker } from '../../support/certificates.ts'
import { query } from '../../support/database.ts'
import { untilHealth } from '../../support/health.ts'
import { endService, startServiceProcess } from '../../support/process.ts'
import { startTcpPostgres, type TcpPostgres } from '../../support/tcp-postgres.ts'
import { within } from '../../support/worker.ts'

describe('a database over TLS', () => {
  let directory: string
  let postgres: TcpPostgres
  let ours: Certificate
  let other: Certificate
  let client: Certificate
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-tls-'))
    postgres = await startTcpPostgres(directory)
    const make = await certificateMaker(directory)
    ours = await make.authority('ours')
    other = await make.authority('other')
    client = await make.signed('clickcounter', ours)
    const server = await make.signed('localhost', ours)
    const user = await choosePostgresUser((await findBinaries()).postgres, directory)
    for (const [name, file] of [
      ['server.crt', server.cert],
      ['server.key', server.key],
      ['ca.crt', ours.cert],
    ] as const) {
      const place = join(directory, 'postgres', name)
      await copyFile(file, place)
      await chmod(place, 0o600)
      await giveTo(user, place)
    }
  })
  after(async () => {
    await postgres.stop()
    await rm(directory, { recursive: true })
  })

  async function configure(settings: Record<string, string>): Promise<void> {
    for (const [name, value] of Object.entries(settings))
      await query(postgres.server, `ALTER SYSTEM SET ${name} = '${value}'`)
    await query(postgres.server, 'SELECT pg_reload_conf()')
  }

  function urlOf(parameters: string, host = '127.0.0.1'): string {
    const { user, password, port, name } = postgres.server
    return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}?${parameters}`
  }

  const serverOf = (parameters: string, host?: string): DatabaseServer =>
    read({ DATABASE_URL: urlOf(parameters, host) }).config.database.server!

  /** Whether the connection is encrypted, and who the server says we are; or why there is no connection. */
  async function outcome(parameters: string, host?: string): Promise<string> {
    const server = serverOf(parameters, host)
    try {
      const connected = await connect(server, 'clickcounter test')
      const { rows } = await connected.query<{ ssl: boolean; dn: string | null }>(
        'SELECT ssl, client_dn AS dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      )
      discard(connected)
      return `${rows[0]!.ssl ? 'encrypted' : 'plain'}${rows[0]!.dn ?? ''}`
    } catch (error) {
      return databaseFailure(error, server).reason ?? String(error)
    }
  }

  async function pooled(parameters: string): Promise<string> {
    const pool = openPool(serverOf(parameters), 'clickcounter test', 2)
    // At once: neither waits for the other.
    const clients = await Promise.all([pool.connect(), pool.connect()])
    const { rows } = await clients[1].query<{ ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    )
    for (const each of clients) each.release()
    await pool.end()
    return rows[0]!.ssl ? 'encrypted' : 'plain'
  }

  it('that has none is taken as it is, where the mode allows that', async () => {
    for (const mode of ['disable', 'allow', 'prefer'])
      expect(await outcome(`sslmode=${mode}`), mode).to.equal('plain')
    for (const mode of ['require', 'no-verify', 'verify-ca', 'verify-full'])
      expect(await outcome(`sslmode=${mode}`), mode).to.equal('database_tls')
    expect(await pooled('sslmode=prefer')).to.equal('plain')
  })

  it('is checked as far as the mode says', async () => {
    await configure({ ssl: 'on', ssl_ca_file: 'ca.crt' })
    // Postgres reads the file a moment later.
    while ((await outcome('sslmode=prefer')) === 'plain');
    const root = `sslrootcert=${ours.cert}`
    const wrongRoot = `sslrootcert=${other.cert}`
    const cases: [parameters: string, host: string, expected: string][] = [
      ['sslmode=disable', '127.0.0.1', 'plain'],
      ['sslmode=allow', '127.0.0.1', 'encrypted'],
      ['sslmode=prefer', '127.0.0.1', 'encrypted'],
      ['sslmode=require', '127.0.0.1', 'encrypted'],
      ['ssl=true', '127.0.0.1', 'encrypted'],
      ['sslmode=no-verify', '127.0.0.1', 'encrypted'],
      [`sslmode=require&${root}`, '127.0.0.1', 'encrypted'],
      [`sslmode=require&${wrongRoot}`, '127.0.0.1', 'database_tls'],
      ['sslmode=verify-ca', '127.0.0.1', 'database_tls'],
      [`sslmode=verify-ca&${root}`, '127.0.0.1', 'encrypted'],
      [`sslmode=verify-ca&${wrongRoot}`, '127.0.0.1', 'database_tls'],
      [`sslmode=verify-full&${root}`, 'localhost', 'encrypted'],
      [`sslmode=verify-full&${root}`, '127.0.0.1', 'database_tls'],
      [`sslmode=verify-full&${wrongRoot}`, 'localhost', 'database_tls'],
      ['sslrootcert=system', 'localhost', 'database_tls'],
      ['sslmode=require&sslnegotiation=direct', '127.0.0.1', 'encrypted'],
      ['sslmode=require&channel_binding=require', '127.0.0.1', 'encrypted'],
      [
        `sslmode=require&sslcert=${client.cert}&sslkey=${client.key}`,
        '127.0.0.1',
        'encrypted/CN=clickcounter',
      ],
    ]
    for (const [parameters, host, expected] of cases)
      expect(await outcome(parameters, host), `${parameters} ${host}`).to.equal(expected)
    expect(await pooled('sslmode=prefer')).to.equal('encrypted')
  })

  it('is checked for the name of each of several hosts', async () => {
    const { port } = postgres.server
    const parameters = `sslmode=verify-full&sslrootcert=${ours.cert}`
    // The certificate is for localhost alone.
    const either = serverOf(parameters, `127.0.0.1:${port},localhost`)
    const client = await connect(either, 'clickcounter test')
    discard(client)
    expect(hostInUse(either)).to.equal(`localhost:${port}`)
    expect(await outcome(parameters, `127.0.0.1:${port},127.0.0.1`)).to.equal('database_tls')
  })

  it('is trusted by the file as it is when a connection is made', async () => {
    const file = join(directory, 'root.crt')
    const pool = openPool(serverOf(`sslmode=verify-ca&sslrootcert=${file}`), 'clickcounter test', 1)
    expect(await pool.connect().catch(error => error.code)).to.equal('ENOENT')
    await copyFile(ours.cert, file)
    const connected = await pool.connect()
    connected.release()
    await pool.end()
  })

  it('is left by a client that is discarded, although the server does not answer its good-bye', async () => {
    const client = await connect(serverOf('sslmode=require'), 'clickcounter test')
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const hangUp = once(client, 'end')
    process.kill(rows[0]!.pid, 'SIGSTOP')
    discard(client)
    await within(2000, 'the end of the connection', hangUp).finally(() => {
      process.kill(rows[0]!.pid, 'SIGCONT')
    })
  })

  it('serves the whole service, its authority being our own', async () => {
    const service = await startServiceProcess({
      DATABASE_URL: urlOf(
        `sslmode=verify-full&sslrootcert=${ours.cert}&channel_binding=require&application_name=shop&connect_timeout=10&options=-c%20geqo%3Doff`,
        'localhost',
      ),
    })
    await fetch(`${service.url}/counter/1`)
    const response = await fetch(`${service.url}/stats/1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"from":"2020-01-01","to":"2030-01-01"}',
    })
    expect(((await response.json()) as { total: number }).total).to.equal(1)
    const connections = await query(
      postgres.server,
      `SELECT application_name AS name, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
       WHERE application_name LIKE 'clickcounter %' AND pid <> pg_backend_pid() ORDER BY 1`,
    )
    expect(connections).to.deep.equal([
      { name: 'clickcounter flush (shop)', ssl: true },
      { name: 'clickcounter request 0 (shop)', ssl: true },
      { name: 'clickcounter watch (shop)', ssl: true },
    ])
    expect(await endService(service)).to.equal(0)
  })

  it('is reached by separate settings, with our own authority told to Node', async () => {
    const { port, user, password, name } = postgres.server
    process.env.NODE_EXTRA_CA_CERTS = ours.cert
    try {
      const service = await startServiceProcess({
        DATABASE_HOST: 'localhost',
        DATABASE_PORT: String(port),
        DATABASE_USER: user,
        DATABASE_PASSWORD: password,
        DATABASE_NAME: name,
        DATABASE_SSLMODE: 'verify-full',
      })
      await untilHealth(service, ({ status }) => status === 'ok')
      expect(await endService(service)).to.equal(0)
    } finally {
      delete process.env.NODE_EXTRA_CA_CERTS
    }
  })

  it('that has no line for TLS in pg_hba.conf is taken without, where the mode allows that', async () => {
    const lines = 'hostnossl all all 127.0.0.1/32 scram-sha-256\n'
    await writeFile(join(directory, 'postgres', 'pg_hba.conf'), lines)
    await query(postgres.server, 'SELECT pg_reload_conf()')
    while ((await outcome('sslmode=require')) === 'encrypted');
    expect(await outcome('sslmode=prefer')).to.equal('plain')
    expect(await pooled('sslmode=allow')).to.equal('plain')
  })

  it('that wants TLS from now on gets it from a pool that went without', async () => {
    const pool = openPool(serverOf('sslmode=prefer'), 'clickcounter test', 1)
    const plain = await pool.connect()
    plain.release(true)
    await writeFile(
      join(directory, 'postgres', 'pg_hba.conf'),
      'hostssl all all 127.0.0.1/32 scram-sha-256\n',
    )
    await query(postgres.server, 'SELECT pg_reload_conf()')
    while ((await outcome('sslmode=disable')) === 'plain');
    expect(await pool.connect().catch(error => error.code)).to.equal('28000')
    const encrypted = await pool.connect()
    encrypted.release()
    await pool.end()
  })
})
