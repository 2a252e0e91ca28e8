import type { DatabaseServer } from './config.ts'
import { type Domain, databaseHost, type Parsed, wholeNumber } from './domains.ts'

export const DEFAULT_PORT = '5432'
export const databasePort = wholeNumber(1, 65_535)

/** In a list of ports, an empty one means the usual one, as in libpq. */
const listedPort: Domain<number> = {
  allowed: databasePort.allowed,
  parse: text => databasePort.parse(text === '' ? DEFAULT_PORT : text),
}

export const databaseHosts: Domain<readonly string[]> = several(databaseHost)
export const databasePorts: Domain<readonly number[]> = several(listedPort)

function several<T>({ allowed, parse }: Domain<T>): Domain<readonly T[]> {
  return {
    allowed: `${allowed}, or several with commas between them`,
    parse: text => parseEach(text.split(','), parse),
  }
}

/** The values of all, or why one is refused. */
function parseEach<T>(texts: readonly string[], parse: Domain<T>['parse']): Parsed<readonly T[]> {
  const values: T[] = []
  for (const text of texts) {
    const parsed = parse(text)
    if ('wrong' in parsed) return parsed
    values.push(parsed.value)
  }
  return { value: values }
}

/** The part of a DatabaseServer that says where it is. */
type Place = Pick<DatabaseServer, 'host' | 'port' | 'furtherHosts'>

/** The hosts and ports of a URL. */
export function parsePlace(hostTexts: readonly string[], portTexts: readonly string[]): Parsed<Place> {
  if (hostTexts.includes(''))
    return { wrong: hostTexts.length === 1 ? 'which names no host' : 'which leaves a host of its list empty' }
  const hosts = parseEach(hostTexts, databaseHost.parse)
  if ('wrong' in hosts) return { wrong: 'whose host is not one' }
  const ports = parseEach(portTexts, listedPort.parse)
  if ('wrong' in ports) return { wrong: `whose port is not ${databasePort.allowed}` }
  return arePaired(hosts.value, ports.value)
    ? { value: databasePlace(hosts.value, ports.value) }
    : {
        wrong: `which gives ${ports.value.length} ports for ${hosts.value.length === 1 ? 'one host' : `${hosts.value.length} hosts`}`,
      }
}

/** One port is for all hosts; otherwise each has its own. */
export function arePaired(hosts: readonly string[], ports: readonly number[]): boolean {
  return ports.length === 1 || ports.length === hosts.length
}

export function databasePlace(hosts: readonly string[], ports: readonly number[]): Place {
  const [first, ...others] = hosts.map((host, index) => ({
    host,
    port: ports.length === 1 ? ports[0]! : ports[index]!,
  }))
  return { ...first!, ...(others.length === 0 ? {} : { furtherHosts: others }) }
}
