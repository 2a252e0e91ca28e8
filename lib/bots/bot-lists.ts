import { BlockList, isIPv4 } from 'node:net'

/**
 * What an operator's two files say, as main has read it. It goes to the threads as it is: Node lets all of them look into
 * the same BlockLists.
 */
export interface BotLists {
  /** Texts of User-Agents, as `parsePattern` returns them, each once. */
  readonly patterns: readonly string[]
  readonly ranges: Ranges
}

export interface Ranges {
  /** As the file names them, each once. */
  readonly count: number
  /** A list for each family, because a BlockList finds IPv4 in ranges of IPv6, too, such as ::/8. */
  readonly ipv4: BlockList
  readonly ipv6: BlockList
}

export function noRanges(): Ranges {
  return { count: 0, ipv4: new BlockList(), ipv6: new BlockList() }
}

/** `range`: a canonical address (see lib/base/ip-address.ts), with the length of its prefix or alone. */
export function addRange({ ipv4, ipv6 }: Ranges, range: string): void {
  const [address, prefixLength] = range.split('/') as [string, string?]
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  const list = family === 'ipv4' ? ipv4 : ipv6
  if (prefixLength === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(prefixLength), family)
}

/** `address`: canonical. A text that is none is in no range. */
export function isInRange({ ipv4, ipv6 }: Ranges, address: string): boolean {
  return address.includes(':') ? ipv6.check(address, 'ipv6') : ipv4.check(address, 'ipv4')
}
