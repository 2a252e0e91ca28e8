import { type DatabaseServer, type SslMode, sslModes } from './config.ts'
import { type Domain, identifier, oneOf, type Parsed, path, wholeNumber } from './domains.ts'
import { listed, quote } from './wording.ts'

/** What a URL's query can say, apart from the address. */
type DatabaseParameters = Partial<
  Omit<DatabaseServer, 'host' | 'port' | 'furtherHosts' | 'user' | 'password' | 'name'>
>

interface Parameter extends Domain<unknown> {
  /** null: the service does what it asks for anyway. */
  readonly field: keyof DatabaseParameters | null
}

const seconds = wholeNumber(1, 600, 'seconds')
/** JDBC's parameter, as libpq reads it, and node-postgres' values. */
const sslModeOf: Readonly<Record<string, SslMode>> = {
  true: 'require',
  false: 'disable',
  'no-verify': 'no-verify',
}

/** Names and meanings are libpq's. */
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  sslmode: { field: 'sslMode', ...oneOf(sslModes) },
  ssl: { field: 'sslMode', ...mapped(oneOf(Object.keys(sslModeOf)), value => sslModeOf[value]) },
  sslrootcert: { field: 'sslRootCert', ...path },
  sslcert: { field: 'sslCert', ...path },
  sslkey: { field: 'sslKey', ...path },
  sslnegotiation: { field: 'sslNegotiation', ...oneOf(['postgres', 'direct']) },
  channel_binding: { field: 'channelBinding', ...oneOf(['disable', 'prefer', 'require']) },
  application_name: { field: 'applicationName', ...identifier },
  connect_timeout: { field: 'connectTimeoutMs', ...mapped(seconds, value => value * 1000) },
  options: { field: 'options', ...identifier },
  // All mean the same to a service that writes: of several hosts it takes one that takes writes.
  target_session_attrs: { field: null, ...writableTarget() },
}

/** Parameters of other clients. Without them, nothing is lost or less safe. */
const IGNORED = [
  'client_encoding',
  'connection_limit',
  'gssencmode',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'load_balance_hosts',
  'pgbouncer',
  'pool_timeout',
  'statement_cache_size',
  'supa',
  'tcp_user_timeout',
  'uselibpqcompat',
]

/** Whether the values of this parameter may be shown. */
export function isKnownParameter(name: string): boolean {
  return Object.hasOwn(PARAMETERS, name) || IGNORED.includes(name)
}

export function parseParameters(query: URLSearchParams): Parsed<DatabaseParameters> {
  const fields: Record<string, unknown> = {}
  for (const [name, text] of query) {
    if (IGNORED.includes(name)) continue
    if (!isKnownParameter(name)) return { wrong: `whose query parameter ${quote(name)} is not known` }
    const { field, allowed, parse } = PARAMETERS[name]!
    const parsed = parse(text)
    if ('wrong' in parsed) return { wrong: `whose ${name} is not ${allowed}` }
    if (field === null) continue
    if (field in fields) return { wrong: `which gives ${name} twice` }
    fields[field] = parsed.value
  }
  const wrong = wrongTogether(fields)
  if (wrong !== null) return { wrong }
  // As in libpq: authorities of the system are given in order to check the certificate.
  const sslMode = fields.sslRootCert === 'system' ? { sslMode: 'verify-full' as const } : {}
  const ignored = [...new Set(query.keys())].filter(name => IGNORED.includes(name))
  return {
    value: { ...sslMode, ...(fields as DatabaseParameters) },
    ...(ignored.length === 0
      ? {}
      : { warning: `in which these parameters mean nothing here and are ignored: ${listed(ignored)}` }),
  }
}

/** A clause about parameters that contradict each other. libpq refuses them, or ignores half of them. */
function wrongTogether(fields: DatabaseParameters): string | null {
  const { sslMode, sslRootCert, sslCert, sslKey, sslNegotiation, channelBinding } = fields
  const isEncrypted = sslMode !== undefined && !['disable', 'allow', 'prefer'].includes(sslMode)
  if ((sslCert === undefined) !== (sslKey === undefined)) return 'which gives one of sslcert and sslkey alone'
  if (sslRootCert === 'system')
    return sslMode === undefined || sslMode === 'verify-full'
      ? null
      : 'whose sslrootcert=system goes with sslmode=verify-full alone'
  if (sslRootCert !== undefined && (!isEncrypted || sslMode === 'no-verify'))
    return 'whose sslrootcert needs sslmode=verify-full, verify-ca or require to be checked by'
  if (sslCert !== undefined && !isEncrypted) return 'whose sslcert needs sslmode=require or stricter'
  if (sslNegotiation === 'direct' && !isEncrypted)
    return 'whose sslnegotiation=direct needs sslmode=require or stricter'
  if (channelBinding === 'require' && !isEncrypted)
    return 'whose channel_binding=require needs sslmode=require or stricter'
  return null
}

function writableTarget(): Domain<string> {
  const { allowed, parse } = oneOf(['any', 'read-write', 'primary'])
  return { allowed: `${allowed}: the service writes`, parse }
}

function mapped<T, U>({ allowed, parse }: Domain<T>, map: (value: T) => U): Domain<U> {
  return {
    allowed,
    parse: text => {
      const parsed = parse(text)
      return 'wrong' in parsed ? parsed : { value: map(parsed.value) }
    },
  }
}
