import { once } from 'node:events'
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type pg from 'pg'
import pino from 'pino'
import { connect, discard } from '../../../db/connection/connect.ts'
import { DATABASE_REASONS } from '../../../db/connection/failure.ts'
import { findPostmaster } from '../../../db/embedded/postmaster.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { Conditions } from '../../../lib/books/conditions.ts'
import { ServiceBooks } from '../../../lib/books/service-books.ts'
import type { DatabaseServer } from '../../../lib/config/config.ts'
import { readConfig } from '../../../lib/config/read.ts'
import { sentence } from '../../../lib/dashboard/page/sentence.js'
import { learn, nothingKnown } from '../../../lib/dashboard/page/situation.js'
import { FlushReport } from '../../../lib/flush/report.ts'
import { storeFailure } from '../../../lib/flush-worker/store-transaction.ts'
import { healthReport } from '../../../lib/health/report.ts'
import { CONTROL, SERVICE_SERVING } from '../../../lib/memory/layout.ts'
import { SharedMemory } from '../../../lib/memory/shared-memory.ts'
import { Ring } from '../../../lib/ring/ring.ts'
import { certificateMaker } from '../../support/certificates.ts'
import { query } from '../../support/database.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { startPgBouncer } from '../../support/pgbouncer.ts'
import { startTcpPostgres, type TcpPostgres } from '../../support/tcp-postgres.ts'
import { cases, PG_HBA, ROLES } from './failure-cases.ts'

const NOW_MS = Date.now()

describe('what is wrong with the database', () => {
  let directory: string
  let postgres: TcpPostgres
  let silent: Server
  before(async () => {
    silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-failure-'))
    postgres = await startTcpPostgres(directory)
    await prepare()
  })
  after(async () => {
    silent.close()
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  })

  async function prepare(): Promise<void> {
    const { server } = postgres
    for (const statement of ROLES.split(';')) await query(server, statement)
    for (const name of ['later', 'spoilt', 'changed']) await migrate({ ...server, name }, { kind: 'up' })
    await query(
      { ...server, name: 'later' },
      "INSERT INTO click_migrations (version, name) VALUES (99, 'later')",
    )
    await migrate({ ...server, name: 'changed' }, { kind: 'down', steps: 1 })
    await query({ ...server, name: 'changed' }, "UPDATE click_migrations SET md5 = 'other' WHERE version = 1")
    await query({ ...server, name: 'spoilt' }, 'DROP TABLE click_minutes')
    await query({ ...server, name: 'postgres' }, 'CREATE TABLE click_migrations (version bigint)')
    await writeFile(join(directory, 'postgres', 'pg_hba.conf'), PG_HBA)
    await query(server, 'SELECT pg_reload_conf()')
  }

  it('is told by a reason of its own for every way there is', () => {
    const tried = new Set(cases.map(({ reason }) => reason))
    expect(DATABASE_REASONS.filter(reason => !tried.has(reason))).to.deep.equal(['database_starting'])
  })

  for (const { title, server: part, sql, migrates, reason, says } of cases)
    it(`is told: ${title}`, async () => {
      const server = { ...postgres.server, ...part }
      const holder = await connect(postgres.server, 'clickcounter test')
      await holder.query('SELECT pg_advisory_lock(1)')
      const error = await (migrates ? rejection(migrate(server, { kind: 'up' })) : failing(server, sql))
      discard(holder)
      expectTold(error, server, reason, says)
    })

  it('is told: a certificate that nobody vouches for', async () => {
    await switchTlsOn()
    const server: DatabaseServer = { ...postgres.server, sslMode: 'verify-ca' }
    let error: unknown
    // Wait until Postgres has read its settings again.
    do error = await failing(server)
    while ((error as Error).message.includes('does not support SSL'))
    expectTold(
      error,
      server,
      'database_tls',
      /The certificate of 127\.0\.0\.1 fails the check of sslmode verify-ca: name the authority/,
    )
  })

  async function switchTlsOn(): Promise<void> {
    const cluster = join(directory, 'postgres')
    const { cert, key } = await (await certificateMaker(cluster)).authority('server')
    // Postgres may run as another user.
    const { uid, gid } = await stat(cluster)
    for (const file of [key, cert]) await chown(file, uid, gid)
    await query(postgres.server, 'ALTER SYSTEM SET ssl = on')
    await query(postgres.server, 'SELECT pg_reload_conf()')
  }

  it('is told: what PgBouncer refuses, which has one code for all', async () => {
    const pooler = await startPgBouncer(postgres.server, ['max_client_conn = 2'])
    const { server } = pooler
    const clients: pg.Client[] = []
    try {
      const wrong = { ...server, password: 'wrong' }
      expectTold(await failing(wrong), wrong, 'database_password', /refuses the password of user/)
      const withOptions = { ...server, options: '-c search_path=public' }
      expectTold(
        await failing(withOptions),
        withOptions,
        'database_login',
        /refuses a parameter of the URL.*options/,
      )
      const elsewhere = { ...server, name: 'elsewhere' }
      expectTold(await failing(elsewhere), elsewhere, 'database_missing', /There is no database elsewhere/)
      let error: unknown
      while (error === undefined)
        error = await rejection(connect(server, 'clickcounter test').then(client => clients.push(client)))
      expectTold(error, server, 'database_connections', /no connection left.*max_client_conn/)
    } finally {
      for (const client of clients) discard(client)
      await pooler.remove()
    }
  })

  it('is told: nobody answers', async () => {
    const server = { ...nobody, port: (silent.address() as AddressInfo).port, connectTimeoutMs: 100 }
    expectTold(
      await failing(server),
      server,
      'database_down',
      /does not answer in time: check whether Postgres hangs/,
    )
  })

  it('is told: an answer that nobody expects', () => {
    const error = new Error('COMMIT was answered with ROLLBACK')
    expectTold(error, postgres.server, 'flush_failing', /^UNKNOWN: COMMIT was answered with ROLLBACK$/)
  })

  it('is told: nobody listens', async () => {
    const server = { ...nobody, port: await chooseFreePort() }
    expectTold(await failing(server), server, 'database_down', /Nobody listens at .*: start Postgres there/)
  })

  it('is told: Postgres is shutting down', async () => {
    const session = await connect(postgres.server, 'clickcounter test')
    const { pid } = (await findPostmaster(join(directory, 'postgres')))!
    // Postgres does it when this session has ended.
    process.kill(pid, 'SIGTERM')
    let error: unknown
    do error = await rejection(connect(postgres.server, 'clickcounter test').then(discard))
    while (error === undefined)
    discard(session)
    expectTold(
      error,
      postgres.server,
      'database_starting',
      /starting, recovering or shutting down: wait for it/,
    )
  })
})

const nobody: DatabaseServer = {
  host: '127.0.0.1',
  port: 1,
  user: 'clickcounter',
  password: 'secret',
  name: 'clickcounter',
  sslMode: 'disable',
}

async function failing(server: DatabaseServer, sql = 'SELECT 1'): Promise<unknown> {
  const client = await connect(server, 'clickcounter test').catch((error: Error) => error)
  if (client instanceof Error) return client
  const limits = 'SET lock_timeout = 50; SET statement_timeout = 100'
  const error = await rejection(client.query(sql.includes('pg_') ? `${limits}; ${sql}` : sql))
  discard(client)
  return error
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** As the flush worker's report tells it: on /health, in the log and on the page. */
function expectTold(error: unknown, server: DatabaseServer, reason: string, says: RegExp): void {
  expect(error).to.be.instanceOf(Error)
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_SERVING)
  const logged: string[] = []
  const log = pino({}, { write: line => void logged.push(line) })
  const report = new FlushReport(memory, new ServiceBooks(memory), new Conditions(memory, log), log)
  const outcome = storeFailure(error, server)
  if (outcome.kind === 'failed') report.failed(outcome.error)
  const { config } = readConfig({ env: {}, cwd: '/', cores: 2 })
  const health = healthReport(
    { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' },
    NOW_MS,
  )
  expect(health, JSON.stringify(health.reasons)).to.include({ status: 'degraded', reason })
  expect(health.reasons).to.have.length(1)
  expect(health.reasons[0]!.detail).to.match(says)
  const page = sentence(learn(nothingKnown, health, NOW_MS), NOW_MS, () => '10:00').detail
  if (reason === 'database_down') expect(page).to.match(/^Postgres has been away/)
  else if (reason === 'flush_failing') expect(page).to.match(/^Clicks cannot be stored in Postgres/)
  else
    expect(page)
      .to.match(says)
      .and.not.match(/cannot be reached|away/)
  expect(
    logged
      .map(line => JSON.parse(line) as { msg: string; code?: string; reason?: string })
      .map(({ msg, code, reason }) => (reason === undefined ? msg : `${code}: ${reason}`))
      .join(),
  ).to.match(says)
  report.succeeded(1, 1, true)
  expect(
    healthReport({ memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' }, NOW_MS)
      .status,
  ).to.equal('ok')
}
