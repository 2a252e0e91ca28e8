import { type DatabaseServer, type SslMode, sslModes } from './config.ts'
import {
  type Domain,
  databaseHost,
  identifier,
  oneOf,
  type Parsed,
  password,
  wholeNumber,
} from './domains.ts'
import { quote } from './wording.ts'

/** What stands for a part that is left out, in the URL and among the separate settings alike. */
export const databaseDefaults = {
  port: '5432',
  user: 'clickcounter',
  password: '',
  name: 'clickcounter',
  sslMode: 'disable',
} as const

export const databasePort = wholeNumber(1, 65_535)

/** A connection URL as libpq takes it, with one host. */
export const databaseUrl: Domain<DatabaseServer> = {
  allowed:
    'postgres://user:password@host:port/name, optionally with ?sslmode= ' +
    `(${sslModes.join(', ')}) and ?host= (such as the directory of a Unix socket) behind it, ` +
    'and with %40 for an @ inside the password, %2F for a / and so on',
  parse,
}

/** What may be shown of a URL, right or wrong: where it is uncertain what its password is, nothing. */
export function hidePassword(text: string): string {
  const pieces = dissect(text)
  // When "@host" was forgotten the password stands where the port belongs: show nothing but a true port.
  if (pieces === null || (pieces.port !== '' && 'wrong' in databasePort.parse(pieces.port))) return '***'
  const user = pieces.user + (pieces.password === '' ? '' : ':***')
  const query = pieces.query.map(({ name, value }) => `${name}=${isParameter(name) ? value : '***'}`)
  return [
    `${pieces.scheme}://`,
    user && `${user}@`,
    pieces.host,
    pieces.port && `:${pieces.port}`,
    pieces.name && `/${pieces.name}`,
    query.length > 0 ? `?${query.join('&')}` : '',
  ].join('')
}

function parse(text: string): Parsed<DatabaseServer> {
  const pieces = dissect(text)
  if (pieces === null || !/^postgres(ql)?$/.test(pieces.scheme)) return { wrong: 'which is not of that form' }
  const parameters = new Map<string, string>()
  for (const { name, value } of pieces.query) {
    if (!isParameter(name)) return { wrong: `whose query parameter ${quote(name)} is not known` }
    if (parameters.has(name)) return { wrong: `which gives ${name} twice` }
    parameters.set(name, value)
  }
  try {
    return assemble({
      // As in libpq, ?host= wins: some clients insist on a host before the path even for a socket.
      host: decodeURIComponent(parameters.get('host') ?? pieces.host.replace(/^\[|\]$/g, '')),
      port: pieces.port || databaseDefaults.port,
      user: decodeURIComponent(pieces.user) || databaseDefaults.user,
      password: decodeURIComponent(pieces.password),
      name: decodeURIComponent(pieces.name) || databaseDefaults.name,
      sslMode: decodeURIComponent(parameters.get('sslmode') ?? databaseDefaults.sslMode),
    })
  } catch {
    return { wrong: 'in which a % is not followed by two hex digits of UTF-8' }
  }
}

function assemble(texts: Record<keyof DatabaseServer, string>): Parsed<DatabaseServer> {
  const host = databaseHost.parse(texts.host)
  if ('wrong' in host) return { wrong: texts.host === '' ? 'which names no host' : 'whose host is not one' }
  const port = databasePort.parse(texts.port)
  if ('wrong' in port) return { wrong: `whose port is not ${databasePort.allowed}` }
  const user = identifier.parse(texts.user)
  if ('wrong' in user) return { wrong: `whose user is not ${identifier.allowed}` }
  const secret = password.parse(texts.password)
  if ('wrong' in secret) return { wrong: `whose password is not ${password.allowed}` }
  const name = identifier.parse(texts.name)
  if ('wrong' in name) return { wrong: `whose database name is not ${identifier.allowed}` }
  const sslMode = oneOf<SslMode>(sslModes).parse(texts.sslMode)
  if ('wrong' in sslMode) return { wrong: 'whose sslmode is none of the choices' }
  return {
    value: {
      host: host.value,
      port: port.value,
      user: user.value,
      password: secret.value,
      name: name.value,
      sslMode: sslMode.value,
    },
  }
}

interface Pieces {
  readonly scheme: string
  readonly user: string
  readonly password: string
  readonly host: string
  readonly port: string
  readonly name: string
  readonly query: readonly { readonly name: string; readonly value: string }[]
}

const shape = new RegExp(
  [
    '^(?<scheme>[a-z]+)://',
    String.raw`((?<user>[^\s:@/?#]*)(:(?<password>[^\s@/?#]*))?@)?`,
    String.raw`(?<host>\[[^\s@/?#\]]*:[^\s@/?#\]]*\]|[^\s:@/?#]*)(:(?<port>[^\s:@/?#]*))?`,
    String.raw`(/(?<name>[^\s@/?#]*))?`,
    String.raw`(\?(?<query>[^\s@#]*))?$`,
  ].join(''),
)

/**
 * Cuts at the delimiters alone, so that a password in which one of them stands unescaped makes the whole
 * refused (null) instead of moving half of it into a part that is shown.
 */
function dissect(text: string): Pieces | null {
  const groups = shape.exec(text)?.groups
  if (groups === undefined) return null
  const { scheme = '', user = '', password = '', host = '', port = '', name = '', query = '' } = groups
  return { scheme, user, password, host, port, name, query: parametersOf(query) }
}

function parametersOf(query: string): Pieces['query'] {
  if (query === '') return []
  return query.split('&').map(parameter => {
    const [name = '', ...value] = parameter.split('=')
    return { name, value: value.join('=') }
  })
}

function isParameter(name: string): boolean {
  return name === 'host' || name === 'sslmode'
}
