import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { COPY_LIMITS } from '../../db/backup/copy.ts'
import { connect } from '../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { urlOf } from '../../db/embedded/url-file.ts'
import { migrate } from '../../db/schema/migrate.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { readConfig } from '../../lib/config/read.ts'
import { storeMinutes } from './minutes.ts'
import { startTcpPostgres, type TcpPostgres } from './tcp-postgres.ts'

/** The server that tests run on: one of its own, or the one at CLICKCOUNTER_TEST_DATABASE_URL. */
let own: TcpPostgres | null = null
let directory: string | null = null

/** Has tables. Others are copies of it: that is faster than to migrate each. */
const TEMPLATE = 'CLICKCOUNTER_TEST_TEMPLATE'
/** What a database makes up when it is migrated. A copy has to have its own. */
const NEW_IDENTITY = `
  UPDATE click_database SET id = gen_random_uuid();
  UPDATE access_state SET token = gen_random_uuid(), session_secret =
    rtrim(translate(encode(sha256(gen_random_uuid()::text::bytea), 'base64'), '+/', '-_'), '=');
  UPDATE banner_revisions SET token = gen_random_uuid()`

/** Passes the server's URL, and the template's name, on to the processes that run the test files, in variables. */
export async function startTestServer(): Promise<void> {
  if (process.env.CLICKCOUNTER_TEST_DATABASE_URL === undefined) {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-test-'))
    own = await startTcpPostgres(directory)
    process.env.CLICKCOUNTER_TEST_DATABASE_URL = urlOf(own.server)
  }
  const template = newName()
  const server = testServer()
  await query(server, `CREATE DATABASE ${template}`)
  await migrate({ ...server, name: template }, { kind: 'up' })
  process.env[TEMPLATE] = template
}

function testServer(): DatabaseServer {
  const env = { CLICKCOUNTER_DATABASE_URL: process.env.CLICKCOUNTER_TEST_DATABASE_URL! }
  return readConfig({ env, cwd: process.cwd(), cores: 1 }).config.database.server!
}

export async function stopTestServer(): Promise<void> {
  await query(testServer(), `DROP DATABASE ${process.env[TEMPLATE]}`)
  await own?.stop()
  if (directory !== null) await rm(directory, { recursive: true, force: true })
}

export interface TestDatabase {
  readonly server: DatabaseServer
  /** `server` as a postgresql:// URL. */
  readonly url: string
  /** Runs a statement and resolves with its rows. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  /**
   * Stores minutes as a flush does: with their months, and in the sums that have passed them. `rows` is SQL that gives
   * banner_id, minute, clicks and perhaps bots and duplicates.
   */
  storeMinutes(rows: string, values?: unknown[]): Promise<void>
  /** Clicks of all banners, minutes and classes. */
  totalClicks(): Promise<number>
  /** Processes of this database that wait for a lock. Other test files have databases on the same server. */
  waiting(): Promise<number[]>
  drop(): Promise<void>
  /** Makes it again, empty, after a drop. */
  recreate(): Promise<void>
}

const WAITING = `SELECT DISTINCT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
                 WHERE NOT granted AND datname = current_database()`

/** A new database on the test server, with tables by default. */
export async function createTestDatabase(options: { isMigrated?: boolean } = {}): Promise<TestDatabase> {
  const name = newName()
  const server = testServer()
  const own = { ...server, name }
  const administer = (text: string) => query(server, text)
  const isMigrated = options.isMigrated ?? true
  await administer(`CREATE DATABASE ${name} ${isMigrated ? copied() : ''}`)
  if (isMigrated) await query(own, NEW_IDENTITY)
  return {
    server: own,
    url: urlOf(own),
    query: (text, values) => query(own, text, values),
    storeMinutes: (rows, values) =>
      withClient(own, client => storeMinutes(client, rows, values), COPY_LIMITS),
    totalClicks: () => withClient(own, totalClicksIn),
    waiting: async () => (await query<{ pid: number }>(own, WAITING)).map(({ pid }) => pid),
    recreate: async () => void (await administer(`CREATE DATABASE ${name}`)),
    drop: async () => void (await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  }
}

function newName(): string {
  return `test_${randomUUID().replaceAll('-', '')}`
}

/** Copies files: the other strategy writes all of them into the log as well. */
function copied(): string {
  return `TEMPLATE ${process.env[TEMPLATE]} STRATEGY file_copy`
}

/** Runs a statement on a connection of its own and resolves with its rows. */
export function query<Row extends object>(
  server: DatabaseServer,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  return withClient(server, async client => (await client.query(text, values)).rows)
}

/** Clicks of all banners, minutes and classes. */
export async function totalClicksIn(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    'SELECT coalesce(sum(clicks + bots + duplicates), 0)::text AS total FROM click_minutes',
  )
  return Number(rows[0].total)
}

export async function withClient<T>(
  server: DatabaseServer,
  use: (client: pg.Client) => Promise<T>,
  limits = SERVICE_LIMITS,
): Promise<T> {
  const client = await connect(server, 'clickcounter test', limits)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
