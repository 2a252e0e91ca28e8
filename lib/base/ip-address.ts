import { isIPv4, isIPv6, SocketAddress } from 'node:net'

const MAPPED = '::ffff:'

/**
 * The one text of an IP address: IPv6 in lower case and compressed, IPv4 in IPv6 (`::ffff:192.0.2.1`) as IPv4.
 * null: it is not an address, or has a zone (`fe80::1%eth0`), which means nothing on another machine.
 */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text
  if (!isIPv6(text) || text.includes('%')) return null
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  const mapped = address.slice(MAPPED.length)
  return address.startsWith(MAPPED) && isIPv4(mapped) ? mapped : address
}

/** A canonical address with all bits behind the first `prefixLength` set to 0; canonical, too. */
export function networkAddress(address: string, prefixLength: number): string {
  const isVersion4 = isIPv4(address)
  const groups = isVersion4 ? address.split('.').map(Number) : groupsOf(address)
  const groupBits = isVersion4 ? 8 : 16
  const masked = groups.map((group, index) => {
    const hostBits = Math.min(groupBits, Math.max(0, (index + 1) * groupBits - prefixLength))
    return (group >> hostBits) << hostBits
  })
  if (isVersion4) return masked.join('.')
  const text = masked.map(group => group.toString(16)).join(':')
  return new SocketAddress({ address: text, family: 'ipv6' }).address
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [before, after] = address.split('::').map(numbersOf)
  if (after === undefined) return before!
  return [...before!, ...Array(8 - before!.length - after.length).fill(0), ...after]
}

/** Of `2001:db8`, or of the canonical `0.1.2.3` at the end of `::0.1.2.3`, which are two groups. */
function numbersOf(groups: string): number[] {
  if (groups === '') return []
  return groups.split(':').flatMap(group => {
    if (!group.includes('.')) return Number.parseInt(group, 16)
    const [a, b, c, d] = group.split('.').map(Number)
    return [a! * 256 + b!, c! * 256 + d!]
  })
}
