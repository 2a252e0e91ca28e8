import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard, openPool } from '../../../db/connection/connect.ts'
import { databaseFailure } from '../../../db/connection/failure.ts'
import { expectStillWritable, hostInUse, leaveIfSilent } from '../../../db/connection/hosts.ts'
import { SERVICE_LIMITS } from '../../../db/connection/transaction.ts'
import type { DatabaseHost, DatabaseServer } from '../../../lib/config/config.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { startPostgresProxy } from '../../support/proxy.ts'
import { startTcpPostgres, startTcpStandby, type TcpPostgres } from '../../support/tcp-postgres.ts'

describe('several hosts of a database', () => {
  let directory: string
  let primary: TcpPostgres
  let standby: TcpPostgres
  let silent: Server
  const silenced = new Set<Socket>()
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-hosts-'))
    primary = await startTcpPostgres(join(directory, 'primary'))
    standby = await startTcpStandby(join(directory, 'standby'), primary)
    silent = createServer(socket => void silenced.add(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  after(async () => {
    for (const socket of silenced) socket.destroy()
    silent.close()
    await standby.stop()
    await primary.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const nobody = async () => ({ host: '127.0.0.1', port: await chooseFreePort() })
  const mute = () => ({ host: '127.0.0.1', port: (silent.address() as AddressInfo).port })
  const serverAt = (...[first, ...others]: readonly DatabaseHost[]): DatabaseServer => ({
    ...primary.server,
    ...placeOf(first!),
    furtherHosts: others.map(placeOf),
    connectTimeoutMs: 200,
  })

  it('are tried in their order until one takes writes, and that one first from then on', async () => {
    const proxy = await startPostgresProxy(standby.server)
    const server = serverAt(await nobody(), mute(), proxy.server, primary.server)
    for (let time = 0; time < 2; time++) {
      const client = await connect(server, 'clickcounter test')
      expect(await portOf(client)).to.equal(primary.server.port)
      discard(client)
    }
    expect(silenced.size).to.equal(1)
    expect(proxy.connectionCount).to.equal(1)
    expect(hostInUse(server)).to.equal(`127.0.0.1:${primary.server.port}`)
    await proxy.close()
  })

  it('are each told of when none of them takes writes, and it is no fault of a standby', async () => {
    const dead = await nobody()
    const server = serverAt(standby.server, dead)
    const failures = []
    for (let time = 0; time < 2; time++)
      failures.push(databaseFailure(await rejection(connect(server, 'clickcounter test')), server))
    expect(failures[0]).to.include({ code: 'ECONNREFUSED', reason: null, isReached: false })
    expect(failures[0]!.message).to.match(
      /^Nobody listens at 127\.0\.0\.1, port .* Postgres at 127\.0\.0\.1 is read-only/,
    )
    expect(failures[0]!.message).to.contain(`port ${dead.port}`)
    expect(failures[1]).to.deep.equal(failures[0])
    const standbys = serverAt(standby.server, standby.server)
    const failure = databaseFailure(await rejection(connect(standbys, 'clickcounter test')), standbys)
    expect(failure).to.include({ reason: 'database_read_only', isReached: true })
  })

  it('are asked again at each use of a client that is kept: one that takes no writes is left', async () => {
    const server = serverAt(primary.server, { ...primary.server, host: 'localhost' })
    const client = await connect(server, 'clickcounter test')
    await expectStillWritable(client, server)
    await client.query('SET default_transaction_read_only = on')
    const error = await rejection(expectStillWritable(client, server))
    expect(databaseFailure(error, server).message).to.match(/^Postgres at 127\.0\.0\.1 is read-only/)
    expect(hostInUse(server)).to.equal(`localhost:${primary.server.port}`)
    discard(client)
  })

  it('are not left because this thread was busy when the answer came', async () => {
    const server = serverAt(primary.server, standby.server)
    const client = await connect(server, 'clickcounter test')
    // From here on it is the turn of timers, as it is for the one whose time is up. What has come is read after them.
    await setTimeout(1)
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const asked = expectStillWritable(client, server)
      // The answer comes meanwhile, and nobody reads it.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
      mock.timers.tick(2000)
      await asked
    } finally {
      mock.timers.reset()
      discard(client)
    }
  })

  it('are left when a query over a client that is kept gets no answer, and not when it fails', async () => {
    const proxy = await startPostgresProxy(primary.server)
    const server = serverAt(proxy.server, primary.server)
    const client = await connect(server, 'clickcounter test', { ...SERVICE_LIMITS, queryMs: 100 })
    leaveIfSilent(server, await rejection(client.query('SELECT nothing')))
    expect(hostInUse(server)).to.equal(`127.0.0.1:${proxy.server.port}`)
    proxy.judge = () => 'hold'
    leaveIfSilent(server, await rejection(client.query('SELECT 1')))
    expect(hostInUse(server)).to.equal(`127.0.0.1:${primary.server.port}`)
    discard(client)
    await proxy.close()
  })

  it('cost nothing where there is one: nobody asks', async () => {
    const proxy = await startPostgresProxy(standby.server)
    const asked: string[] = []
    proxy.judge = ({ sql }) => {
      asked.push(sql)
      return 'pass'
    }
    const client = await connect(proxy.server, 'clickcounter test')
    await expectStillWritable(client, proxy.server)
    discard(client)
    const pool = openPool(proxy.server, 'clickcounter test', 1)
    ;(await pool.connect()).release()
    await pool.end()
    await proxy.close()
    expect(asked).to.deep.equal([])
  })

  it('are used by a pool: at the right one, with its clients again', async () => {
    const server = serverAt(standby.server, primary.server)
    const pool = openPool(server, 'clickcounter test', 2)
    const pids = new Set<number>()
    for (let time = 0; time < 3; time++) {
      const client = await pool.connect()
      expect(await portOf(client)).to.equal(primary.server.port)
      pids.add(await pidOf(client))
      client.release()
    }
    expect(pids.size).to.equal(1)
    await pool.end()
    expect(await rejection(pool.connect())).to.have.property('message', 'the pool has ended')
  })

  it('are not looked for any more by a pool that has ended meanwhile', async () => {
    const proxy = await startPostgresProxy(primary.server)
    const pool = openPool(serverAt(mute(), proxy.server), 'clickcounter test', 1)
    const looking = rejection(pool.connect())
    await pool.end()
    expect(await looking).to.have.property('message', 'the pool has ended')
    expect(proxy.connectionCount).to.equal(0)
    await proxy.close()
  })

  it('are left by a pool as a whole, with the clients that wait in it', async () => {
    const proxy = await startPostgresProxy(primary.server)
    const server = serverAt(proxy.server, primary.server)
    const pool = openPool(server, 'clickcounter test', 3)
    const clients = await Promise.all([1, 2, 3].map(() => pool.connect()))
    expect(proxy.connectionCount).to.equal(3)
    // One that still works for a reader.
    const [working, ...waiting] = clients
    for (const client of waiting) client.release()
    proxy.judge = ({ sql, stage }) => (sql.startsWith('SHOW') && stage === 'sent' ? 'hold' : 'pass')
    const startedAtMs = performance.now()
    const found = await Promise.all([1, 2].map(() => pool.connect()))
    expect(performance.now() - startedAtMs).to.be.within(1900, 4000)
    for (const client of found) expect(await portOf(client)).to.equal(primary.server.port)
    expect(proxy.connectionCount).to.equal(3)
    expect(await portOf(working!)).to.equal(primary.server.port)
    for (const client of [working!, ...found]) client.release()
    await pool.end()
    await proxy.close()
  })

  it('are not left because all clients of a pool are at work', async () => {
    const proxy = await startPostgresProxy(standby.server)
    const server = serverAt(primary.server, proxy.server)
    const pool = openPool(server, 'clickcounter test', 1)
    const working = await pool.connect()
    const pid = await pidOf(working)
    expect(await rejection(pool.connect()))
      .to.have.property('message')
      .that.match(/timeout exceeded/)
    working.release()
    const next = await pool.connect()
    expect(await pidOf(next)).to.equal(pid)
    next.release()
    expect(proxy.connectionCount).to.equal(0)
    await pool.end()
    await proxy.close()
  })
})

function placeOf({ host, port }: DatabaseHost): DatabaseHost {
  return { host, port }
}

async function portOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ port: number }>('SELECT inet_server_port() AS port')
  return rows[0]!.port
}

async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
