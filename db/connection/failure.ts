import type { DatabaseServer } from '../../lib/config/config.ts'

/** Why a database does not do what it is asked, each with a way of its own to mend it. */
export const DATABASE_REASONS = [
  'database_password',
  'database_login',
  'database_tls',
  'database_host',
  'database_missing',
  'database_starting',
  'database_connections',
  'database_read_only',
  'database_disk_full',
  'database_rights',
  'database_schema',
  'database_newer',
  'database_table',
  'database_column',
  'database_busy',
] as const
export type DatabaseReason = (typeof DATABASE_REASONS)[number]

export interface DatabaseFailure {
  /** SQLSTATE, the system's or our own error code, or UNKNOWN. */
  readonly code: string
  /** For people: what is wrong, what mends it, and what Postgres or the system said. */
  readonly message: string
  /** null: it cannot be reached, or refuses in a way that is not in the table. */
  readonly reason: DatabaseReason | null
  /** It was Postgres that refused, and it is not just starting or shutting down. */
  readonly isReached: boolean
  /** The statement itself is refused: trying again helps only after someone has mended the database. */
  readonly isPermanent: boolean
}

interface Fault {
  /** By code, or where that tells nothing by the words of the driver, or of PgBouncer, which has one for all. */
  readonly is: readonly (string | RegExp)[]
  readonly reason: DatabaseReason | null
  /** What is wrong and what mends it, without a full stop. */
  readonly tell: (server: DatabaseServer) => string
}

/** SQLSTATE classes in which the statement itself is refused: data, constraints, names and rights; and our own. */
const PERMANENT = /^(22|23|42|3F)...$|^SCHEMA_|^TABLE_/

/** What Postgres says when it is there for nobody: 57P0x, or a pooler in front of it: class 08. */
const NOT_THERE = /^(57P|08)/
/** An SQLSTATE (all have a digit), or one of ours about what Postgres has answered. */
const ANSWER = /^(?=.*\d)[\dA-Z]{5}$|^SCHEMA_|^TABLE_/

/** Where it stands. Beside a URL the variable is refused. */
const SSL_MODE = 'in CLICKCOUNTER_DATABASE_URL, or CLICKCOUNTER_DATABASE_SSLMODE'

/** The first that fits. */
const FAULTS: readonly Fault[] = [
  {
    is: [/^E[A-Z]+: .*, (open|read)\b/],
    reason: 'database_tls',
    tell: () =>
      'A file of sslrootcert, sslcert or sslkey cannot be read: correct its path in CLICKCOUNTER_DATABASE_URL, or who may read it',
  },
  {
    is: [/server does not support SSL/],
    reason: 'database_tls',
    tell: ({ sslMode }) =>
      `Postgres has no TLS, and sslmode ${sslMode} insists on it: switch ssl on there, or set sslmode to disable (${SSL_MODE})`,
  },
  {
    is: [
      /^(?:CERT|ERR_TLS|ERR_SSL|ERR_OSSL|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_/,
      'EPROTO',
      'HOSTNAME_MISMATCH',
    ],
    reason: 'database_tls',
    tell: ({ host, sslMode }) =>
      `The certificate of ${host} does not pass sslmode ${sslMode}: name its authority (sslrootcert, or NODE_EXTRA_CA_CERTS), mend the certificate, or choose a laxer sslmode`,
  },
  {
    is: ['28P01', /^SASL: .*password/, /^password authentication failed/],
    reason: 'database_password',
    tell: ({ user }) =>
      `Postgres does not take the password of user ${user}: correct CLICKCOUNTER_DATABASE_PASSWORD or the URL, or create the role, or ALTER ROLE … PASSWORD`,
  },
  {
    is: ['28000'],
    reason: 'database_login',
    tell: ({ user, name }) =>
      `Postgres does not let user ${user} into database ${name}: create the role with LOGIN, correct CLICKCOUNTER_DATABASE_USER or the URL, or add a line to pg_hba.conf; when that wants TLS, set sslmode to require (${SSL_MODE})`,
  },
  {
    is: [/^unsupported startup parameter/],
    reason: 'database_login',
    tell: () =>
      "The pooler does not take a parameter of the URL: leave it out, or name it in PgBouncer's ignore_startup_parameters",
  },
  {
    is: ['3D000', /^(no such database|database ".*" does not exist)/],
    reason: 'database_missing',
    tell: ({ name }) =>
      `There is no database ${name}: create it, or correct CLICKCOUNTER_DATABASE_NAME or the URL`,
  },
  {
    is: ['ENOTFOUND', 'EAI_AGAIN'],
    reason: 'database_host',
    tell: ({ host }) =>
      `The name of the database's host, ${host}, leads to no address: correct CLICKCOUNTER_DATABASE_HOST or the URL, or mend the name service`,
  },
  {
    is: ['57P03'],
    reason: 'database_starting',
    tell: () => 'Postgres is starting, recovering or shutting down: wait for it',
  },
  {
    is: ['53300', /^no more connections allowed/],
    reason: 'database_connections',
    tell: ({ user }) =>
      `Postgres has no connection left for user ${user}: raise max_connections or the limit of the role or database, or lower CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS`,
  },
  {
    is: ['25006'],
    reason: 'database_read_only',
    tell: ({ host }) =>
      `Postgres at ${host} is read-only, a standby perhaps: point CLICKCOUNTER_DATABASE_HOST or the URL to the primary, or take default_transaction_read_only back`,
  },
  {
    is: ['53100'],
    reason: 'database_disk_full',
    tell: ({ host }) => `The disk of Postgres at ${host} is full: make room there`,
  },
  {
    is: ['42501'],
    reason: 'database_rights',
    tell: ({ user }) =>
      `User ${user} lacks a right in Postgres: GRANT it, CREATE on the schema for the migrations, SELECT, INSERT, UPDATE and DELETE on the tables for clicks`,
  },
  {
    is: ['3F000', 'SCHEMA_NONE', 'SCHEMA_NAME_TAKEN', 'SCHEMA_SHADOWED'],
    reason: 'database_schema',
    tell: ({ user }) => `The schemas that user ${user} sees are not clear about the tables`,
  },
  {
    is: ['SCHEMA_CHANGED'],
    reason: 'database_schema',
    tell: () => 'The tables were not made by the migrations of this program',
  },
  {
    is: ['SCHEMA_TOO_NEW'],
    reason: 'database_newer',
    tell: () => 'The tables are newer than this program',
  },
  {
    is: ['42P01', 'TABLE_MISSING'],
    reason: 'database_table',
    tell: () =>
      'A table is missing: rename it back, restore a backup (npm run restore), or migrate (npm run migrate -- up)',
  },
  {
    is: ['42703'],
    reason: 'database_column',
    tell: () => 'A column is missing: rename it back, or restore a backup (npm run restore)',
  },
  {
    is: ['55P03', '57014', '40P01', '40001'],
    reason: 'database_busy',
    tell: () =>
      'Postgres is too busy with the tables: look in pg_stat_activity for who holds a lock or takes its time, and end it',
  },
  {
    is: ['ECONNREFUSED', 'ENOENT'],
    reason: null,
    tell: ({ host, port }) =>
      `Nobody listens at ${host}, port ${port}: start Postgres there (the embedded one is started by the service), or correct CLICKCOUNTER_DATABASE_HOST and _PORT or the URL`,
  },
  {
    is: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', /^timeout e|^Query read timeout$|connection timeout$/],
    reason: null,
    tell: ({ host, port }) =>
      `${host}, port ${port}, does not answer in time: see whether Postgres hangs, or what keeps us from it`,
  },
  {
    is: [
      'ECONNRESET',
      'EPIPE',
      '57P01',
      '57P02',
      '57P05',
      /^08...$/,
      /^Connection terminated|^Client has encountered/,
    ],
    reason: null,
    tell: ({ host }) => `The connection to ${host} was cut`,
  },
]

/** What an error of a client or a pool says of the database that it was connected, or to be connected, to. */
export function databaseFailure(error: unknown, server: DatabaseServer): DatabaseFailure {
  const { message: words = '', code: found } = error as { message?: string; code?: unknown }
  const code = typeof found === 'string' ? found : 'UNKNOWN'
  const fault = FAULTS.find(({ is }) =>
    is.some(sign => (typeof sign === 'string' ? sign === code : sign.test(code) || sign.test(words))),
  )
  const said = words || code
  return {
    code,
    message: fault === undefined ? said : `${fault.tell(server)} (${said}).`,
    reason: fault?.reason ?? null,
    // The driver has no code for what it, or we, do not like of an answer.
    isReached: code === 'UNKNOWN' ? fault === undefined : ANSWER.test(code) && !NOT_THERE.test(code),
    isPermanent: PERMANENT.test(code),
  }
}
