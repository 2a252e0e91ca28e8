import type { DatabaseServer } from '../../lib/config/config.ts'
import { HostsError, serverInUse } from './hosts.ts'

/** Why a database does not do what it is asked. Each reason is repaired in its own way. */
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
  /** For people: what is wrong, how to repair it, and the words of Postgres or of the system. */
  readonly message: string
  /** null: the database cannot be reached, or it refuses in a way that is not in the table. */
  readonly reason: DatabaseReason | null
  /** Postgres itself refused, and it is neither starting nor shutting down. */
  readonly isReached: boolean
  /** The statement itself is refused. Another try helps only after somebody has repaired the database. */
  readonly isPermanent: boolean
}

interface Fault {
  /**
   * A code, or a pattern. A pattern also reads the message: the driver has no codes, and
   * PgBouncer has one for all.
   */
  readonly is: readonly (string | RegExp)[]
  readonly reason: DatabaseReason | null
  /** What is wrong and how to repair it, without a full stop. */
  readonly tell: (server: DatabaseServer) => string
}

/**
 * The statement itself is refused: SQLSTATE classes of data, constraints, names and
 * privileges, and our own codes.
 */
const PERMANENT = /^(22|23|42|3F)...$|^SCHEMA_|^TABLE_/

/** Nobody is served: Postgres says 57P0x, and a pooler in front of it says class 08. */
const NOT_THERE = /^(57P|08)/
/** Postgres has answered: an SQLSTATE (each has a digit), or one of our codes about an answer. */
const ANSWER = /^(?=.*\d)[\dA-Z]{5}$|^SCHEMA_|^TABLE_/

/** Where sslmode is set. Beside a URL, the variable is refused. */
const SSL_MODE = 'in CLICKCOUNTER_DATABASE_URL, or CLICKCOUNTER_DATABASE_SSLMODE'

/** The first one that fits counts. */
const FAULTS: readonly Fault[] = [
  {
    is: [/^E[A-Z]+: .*, (open|read)\b/],
    reason: 'database_tls',
    tell: () =>
      'A file named by sslrootcert, sslcert or sslkey cannot be read: correct its path in CLICKCOUNTER_DATABASE_URL, or its permissions',
  },
  {
    is: [/server does not support SSL/],
    reason: 'database_tls',
    tell: ({ sslMode }) =>
      `Postgres offers no TLS, and sslmode ${sslMode} requires it: turn ssl on in Postgres, or set sslmode to disable (${SSL_MODE})`,
  },
  {
    is: [
      /^(?:CERT|ERR_TLS|ERR_SSL|ERR_OSSL|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_/,
      'EPROTO',
      'HOSTNAME_MISMATCH',
    ],
    reason: 'database_tls',
    tell: ({ host, sslMode }) =>
      `The certificate of ${host} fails the check of sslmode ${sslMode}: name the authority that signed it (sslrootcert, or NODE_EXTRA_CA_CERTS), replace the certificate, or choose a less strict sslmode`,
  },
  {
    is: ['28P01', /^SASL: .*password/, /^password authentication failed/],
    reason: 'database_password',
    tell: ({ user }) =>
      `Postgres refuses the password of user ${user}: correct CLICKCOUNTER_DATABASE_PASSWORD or the URL, create the role, or change its password (ALTER ROLE … PASSWORD)`,
  },
  {
    is: ['28000'],
    reason: 'database_login',
    tell: ({ user, name }) =>
      `Postgres does not let user ${user} into database ${name}: create the role with LOGIN, correct CLICKCOUNTER_DATABASE_USER or the URL, or add a line to pg_hba.conf; if pg_hba.conf requires TLS, set sslmode to require (${SSL_MODE})`,
  },
  {
    is: [/^unsupported startup parameter/],
    reason: 'database_login',
    tell: () =>
      "The pooler refuses a parameter of the URL: remove it, or add it to PgBouncer's ignore_startup_parameters",
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
      `The database's host name, ${host}, has no address: correct CLICKCOUNTER_DATABASE_HOST or the URL, or repair the name service (DNS)`,
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
      `Postgres at ${host} is read-only, and may be a standby: point CLICKCOUNTER_DATABASE_HOST or the URL to the primary, or turn default_transaction_read_only off`,
  },
  {
    is: ['53100'],
    reason: 'database_disk_full',
    tell: ({ host }) => `The disk of Postgres at ${host} is full: free some space there`,
  },
  {
    is: ['42501'],
    reason: 'database_rights',
    tell: ({ user }) =>
      `User ${user} lacks a privilege in Postgres: GRANT CREATE on the schema for the migrations and new months, and make it the owner of the tables (ALTER TABLE … OWNER TO)`,
  },
  {
    is: ['3F000', 'SCHEMA_NONE', 'SCHEMA_NAME_TAKEN', 'SCHEMA_SHADOWED'],
    reason: 'database_schema',
    tell: ({ user }) => `It is unclear which tables are the service's in the schemas that user ${user} sees`,
  },
  {
    is: ['SCHEMA_CHANGED'],
    reason: 'database_schema',
    tell: () => 'The tables were not made by the migrations of this program',
  },
  {
    is: ['SCHEMA_ON_WORKER', 'SCHEMA_DISTRIBUTED'],
    reason: 'database_schema',
    tell: () => 'The tables are distributed by Citus, and this cannot be done here',
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
      'Postgres is too busy with the tables: look in pg_stat_activity for a session that holds a lock or runs long, and end it',
  },
  {
    is: ['ECONNREFUSED', 'ENOENT'],
    reason: null,
    tell: ({ host, port }) =>
      `Nobody listens at ${host}, port ${port}: start Postgres there (the service starts an embedded one itself), or correct CLICKCOUNTER_DATABASE_HOST and _PORT or the URL`,
  },
  {
    is: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', /^timeout e|^Query read timeout$|connection timeout$/],
    reason: null,
    tell: ({ host, port }) =>
      `${host}, port ${port}, does not answer in time: check whether Postgres hangs, or whether the network or a firewall blocks the way`,
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

/** What an error of a client or a pool says about its database, whether the connection was made or not. */
export function databaseFailure(error: unknown, server: DatabaseServer): DatabaseFailure {
  if (error instanceof HostsError) return failureOfHosts(error)
  const { message: words = '', code: found } = error as { message?: string; code?: unknown }
  const code = typeof found === 'string' ? found : 'UNKNOWN'
  const fault = FAULTS.find(({ is }) =>
    is.some(sign => (typeof sign === 'string' ? sign === code : sign.test(code) || sign.test(words))),
  )
  const said = words || code
  return {
    code,
    message: fault === undefined ? said : `${fault.tell(serverInUse(server))} (${said}).`,
    reason: fault?.reason ?? null,
    // An error that has no code and is not in the table is about an answer that the driver or we refuse.
    isReached: code === 'UNKNOWN' ? fault === undefined : ANSWER.test(code) && !NOT_THERE.test(code),
    isPermanent: PERMANENT.test(code),
  }
}

/** What is wrong at each host. A standby is as it should be while another host is at fault. */
function failureOfHosts({ failures }: HostsError): DatabaseFailure {
  const each = failures.map(({ at, error }) => databaseFailure(error, at))
  const main = each.find(({ reason }) => reason !== 'database_read_only') ?? each[0]!
  // First, because a long text is cut off on /health.
  const messages = new Set([main.message, ...each.map(({ message }) => message)])
  return { ...main, message: [...messages].join(' ') }
}
