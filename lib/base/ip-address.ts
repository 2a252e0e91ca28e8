import { isIPv4, isIPv6 } from 'node:net'

/** IPv4 in IPv6, in the form of `compressed`. */
const MAPPED = /^::ffff:([\da-f]+):([\da-f]+)$/

const GROUP = '[1-9a-f][\\da-f]{0,3}'
/**
 * IPv6 that is in the form of `compressed` already, without a group of 0 and not in an IPv4 range: all its groups, or
 * some of them, the first one among them, around the place of two or more. Proxies and systems write most addresses so.
 */
const COMPRESSED = new RegExp(
  `^(?:(?:${GROUP}:){7}${GROUP}|(?!(?:[^:]*:){7})(?:${GROUP}:){1,5}:(?:(?:${GROUP}:){0,4}${GROUP})?)$`,
)

/**
 * The one text of an IP address: IPv6 in lower case and compressed, IPv4 in IPv6 (`::ffff:192.0.2.1`) as IPv4.
 * null: it is not an address, or has a zone (`fe80::1%eth0`), which means nothing on another machine.
 */
export function canonicalAddress(text: string): string | null {
  // First what is right already: to write IPv6 takes ten times as long.
  if (isIPv4(text) || COMPRESSED.test(text)) return text
  if (!isIPv6(text) || text.includes('%')) return null
  const address = compressed(text)
  const mapped = MAPPED.exec(address)
  return mapped === null ? address : dotted(mapped[1]!, mapped[2]!)
}

/** A canonical address with all bits behind the first `prefixLength` set to 0; canonical, too. */
export function networkAddress(address: string, prefixLength: number): string {
  if (isIPv4(address)) return masked(address.split('.').map(Number), 8, prefixLength).join('.')
  const groups = masked(groupsOf(address), 16, prefixLength)
  return compressed(groups.map(group => group.toString(16)).join(':'))
}

/** URL writes IPv6 in one way, without points, in a fifth of the time that SocketAddress takes. */
function compressed(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function dotted(high: string, low: string): string {
  const numbers = [high, low].map(group => Number.parseInt(group, 16))
  return numbers.flatMap(number => [number >> 8, number & 0xff]).join('.')
}

/** The eight groups of a compressed IPv6 address. */
function groupsOf(address: string): number[] {
  const [before, after] = address
    .split('::')
    .map(part => (part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))))
  if (after === undefined) return before!
  return [...before!, ...Array(8 - before!.length - after.length).fill(0), ...after]
}

function masked(groups: readonly number[], groupBits: number, prefixLength: number): number[] {
  return groups.map((group, index) => {
    const hostBits = Math.min(groupBits, Math.max(0, (index + 1) * groupBits - prefixLength))
    return (group >> hostBits) << hostBits
  })
}
