import { parse as parseAddress } from 'pg-connection-string'
import { type DatabaseServer, sslModes } from './config.ts'
import { DEFAULT_PORT, databasePort, parsePlace } from './database-hosts.ts'
import { isKnownParameter, parseParameters } from './database-parameters.ts'
import { type Domain, identifier, type Parsed, password } from './domains.ts'

/** Defaults of the parts, in the URL and among the separate settings. */
export const databaseDefaults = {
  port: DEFAULT_PORT,
  user: 'clickcounter',
  password: '',
  name: 'clickcounter',
  sslMode: 'disable',
} as const

/** A connection URL as libpq reads it. */
export const databaseUrl: Domain<DatabaseServer> = {
  allowed:
    'postgres://user:password@host:port/name, optionally with ?sslmode= ' +
    `(${sslModes.join(', ')}), ?host= (such as the directory of a Unix socket) and others of libpq behind it, ` +
    'with several host:port with commas between them, ' +
    'and with %40 for an @ inside the password, %2F for a / and so on',
  parse,
}

/** Parts of the address that the query may give as well. As in libpq, the query wins. */
const ADDRESS_PARAMETERS = ['host', 'port', 'user', 'password']

/**
 * Allows one @ at most, and no other delimiter before it. So a URL whose password has an unescaped delimiter
 * is refused, and no half of the password gets into a part that is shown.
 */
const FORM =
  /^(?<scheme>[a-z]+):\/\/(?<credentials>[^\s@/?#]*@)?(?<place>[^\s@/?#]*)(\/(?<name>[^\s@/?#]*))?(\?(?<query>[^\s@#]*))?$/

/** What may be shown of a URL, right or wrong. Nothing, if it is uncertain which part is the password. */
export function hidePassword(text: string): string {
  const pieces = FORM.exec(text)?.groups
  if (pieces === undefined) return '***'
  const { scheme = '', credentials = '', place = '', name = '', query = '' } = pieces
  // If "@host" was forgotten, the password is where the port belongs: show a real port only.
  if (entriesOf(place).some(isPortWrong) || mayBePassword(credentials, place)) return '***'
  const parameters = query === '' ? [] : query.split('&').map(hideUnknown)
  return [
    `${scheme}://`,
    credentials.replace(/:@$/, '@').replace(/:.+@$/, ':***@'),
    place,
    name && `/${name}`,
    parameters.length > 0 ? `?${parameters.join('&')}` : '',
  ].join('')
}

/** "host:port" or "host", each as it is written. */
function entriesOf(place: string): readonly string[] {
  return place.split(',')
}

/** "user:1,2" without "@host" looks like two hosts, and is shown to nobody. */
function mayBePassword(credentials: string, place: string): boolean {
  const withPort = entriesOf(place).filter(entry => /:\d+$/.test(entry)).length
  return credentials === '' && withPort > 0 && withPort < entriesOf(place).length
}

function isPortWrong(entry: string): boolean {
  const port = /:(?<port>[^:\]]+)$/.exec(entry)?.groups?.port
  return port !== undefined && 'wrong' in databasePort.parse(port)
}

function hideUnknown(parameter: string): string {
  const name = parameter.split('=', 1)[0]!
  const isShown = isKnownParameter(name) || (ADDRESS_PARAMETERS.includes(name) && name !== 'password')
  return isShown ? parameter : `${name}=***`
}

function parse(text: string): Parsed<DatabaseServer> {
  const { scheme = '', credentials = '', place = '', name = '', query = '' } = FORM.exec(text)?.groups ?? {}
  if (!/^postgres(ql)?$/.test(scheme)) return { wrong: 'which is not of that form' }
  const entries = entriesOf(place)
  if (entries.some(isPortWrong)) return { wrong: `whose port is not ${databasePort.allowed}` }
  if (mayBePassword(credentials, place))
    return { wrong: 'which has no user before its hosts, and ports for some of them only' }
  // A parser of URLs would keep such a %, and the password would be another one.
  if (/%(?![0-9a-f]{2})/i.test(text)) return { wrong: notUtf8 }
  // In a URL of Postgres, a + means a +, and no space.
  const parameters = new URLSearchParams(query.replaceAll('+', '%2B'))
  const doubled = ADDRESS_PARAMETERS.find(parameter => parameters.getAll(parameter).length > 1)
  if (doubled !== undefined) return { wrong: `which gives ${doubled} twice` }
  const address = new URLSearchParams([...parameters].filter(([each]) => ADDRESS_PARAMETERS.includes(each)))
  for (const parameter of ADDRESS_PARAMETERS) parameters.delete(parameter)
  const beside = parseParameters(parameters)
  if ('wrong' in beside) return beside
  if (place === '' && !address.has('host')) return { wrong: 'which names no host' }
  try {
    const { user, password } = parseAddress(`${scheme}://${credentials}${entries[0]}/?${address}`)
    const server = assemble({
      hosts: address.get('host')?.split(',') ?? entries.map(entry => placeIn(entry).host),
      ports: address.get('port')?.split(',') ?? entries.map(entry => placeIn(entry).port),
      user: user || databaseDefaults.user,
      password: password ?? '',
      // Decoded here, because the library leaves a %2F in it.
      name: decodeURIComponent(name) || databaseDefaults.name,
    })
    if ('wrong' in server) return server
    return { ...beside, value: { ...server.value, ...beside.value } }
  } catch (error) {
    return { wrong: error instanceof URIError ? notUtf8 : 'which is not of that form' }
  }
}

/** Empty texts for what is not there. */
function placeIn(entry: string): Record<'host' | 'port', string> {
  const { host, port } = parseAddress(`postgres://${entry}`)
  return { host: host ?? '', port: port ?? '' }
}

const notUtf8 = 'in which a % is not followed by two hex digits of UTF-8'

type AddressTexts = Record<'hosts' | 'ports', readonly string[]> &
  Record<'user' | 'password' | 'name', string>

function assemble(texts: AddressTexts): Parsed<DatabaseServer> {
  const place = parsePlace(texts.hosts, texts.ports)
  if ('wrong' in place) return place
  const user = identifier.parse(texts.user)
  if ('wrong' in user) return { wrong: `whose user is not ${identifier.allowed}` }
  const secret = password.parse(texts.password)
  if ('wrong' in secret) return { wrong: `whose password is not ${password.allowed}` }
  const name = identifier.parse(texts.name)
  if ('wrong' in name) return { wrong: `whose database name is not ${identifier.allowed}` }
  return {
    value: {
      ...place.value,
      user: user.value,
      password: secret.value,
      name: name.value,
      sslMode: databaseDefaults.sslMode,
    },
  }
}
