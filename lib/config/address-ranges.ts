import { isIPv4 } from 'node:net'
import { canonicalAddress, networkAddress } from '../base/ip-address.ts'
import type { Domain, Parsed } from './domains.ts'
import { parseList } from './list.ts'
import { listed, quote } from './wording.ts'

/** Addresses and CIDR ranges: `10.0.0.0/8`, `2001:db8::/32`, or an address alone; each once, in canonical form. */
export const addressRanges: Domain<readonly string[]> = {
  isList: true,
  allowed: 'IP addresses and CIDR ranges, such as 10.0.0.5 and 2001:db8::/32, separated by commas or spaces',
  parse: text => {
    const parsed = parseList(text, parseRange)
    if ('wrong' in parsed) return parsed
    const { value } = parsed
    const all = value.filter(range => range.endsWith('/0'))
    return all.length === 0 ? { value } : { value, warning: `in which ${listed(all)} means everybody` }
  },
}

/** One of them, in canonical form. What is wrong is said behind the entry in quotes. */
export function parseRange(entry: string): Parsed<string> {
  const [text = '', length, ...rest] = entry.split('/')
  const address = canonicalAddress(text)
  const wrong = (what: string) => ({ wrong: `${quote(entry)} ${what}` })
  if (address === null || rest.length > 0)
    return text.includes('%')
      ? wrong('has a zone: leave it out')
      : wrong('is no IP address and no range of them (names are not looked up)')
  if (length === undefined) return { value: address }
  const addressBits = isIPv4(address) ? 32 : 128
  if (text.includes(':') && addressBits === 32) return wrong('is IPv4 in IPv6: write it as IPv4')
  if (!/^\d{1,3}$/.test(length) || Number(length) > addressBits)
    return wrong(`has a length that is no number from 0 to ${addressBits}`)
  const prefixLength = Number(length)
  const network = networkAddress(address, prefixLength)
  if (network !== address)
    return wrong(`has bits behind its first ${prefixLength}: write ${network}/${prefixLength} or ${address}`)
  return { value: prefixLength === addressBits ? address : `${address}/${prefixLength}` }
}
