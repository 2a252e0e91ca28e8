/** Words of 32 bits of an address, by family. */
export const IPV4_WORDS = 1
export const IPV6_WORDS = 4

const IPV6_GROUPS = 8
const DOT = 0x2e
const COLON = 0x3a
const ZERO = 0x30
const NINE = 0x39
/** What `a` of a hexadecimal number is less than its code. */
const LETTERS = 0x61 - 10

/** The words of the address that was read last, the first one first. An address that is looked up allocates nothing. */
export const addressWords = new Uint32Array(IPV6_WORDS)
const groups = new Uint16Array(IPV6_GROUPS)

/**
 * Reads a canonical address (see lib/base/ip-address.ts) into `addressWords`. Returns how many words it has; 0: the
 * text is no address.
 */
export function readAddress(text: string): number {
  return text.includes(':') ? readIpv6(text) : readIpv4(text)
}

function readIpv4(text: string): number {
  let word = 0
  let part = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT) {
      word = word * 256 + part
      part = 0
    } else if (code >= ZERO && code <= NINE) part = part * 10 + code - ZERO
    else return 0
  }
  addressWords[0] = word * 256 + part
  return IPV4_WORDS
}

function readIpv6(text: string): number {
  groups.fill(0)
  let group = 0
  let gap = -1
  let before = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== COLON) groups[group] = groups[group]! * 16 + code - (code <= NINE ? ZERO : LETTERS)
    else if (before === COLON) gap = group
    else if (index > 0) group++
    before = code
  }
  if (gap >= 0) {
    // What stands behind the gap goes to the end.
    const end = IPV6_GROUPS - (group + 1 - gap)
    groups.copyWithin(end, gap, group + 1).fill(0, gap, end)
  }
  for (let word = 0; word < IPV6_WORDS; word++)
    addressWords[word] = groups[word * 2]! * 65_536 + groups[word * 2 + 1]!
  return IPV6_WORDS
}
