import { BlockList, isIPv4 } from 'node:net'
import { canonicalAddress, networkAddress } from '../../base/ip-address.ts'

/** Proxies in a row. The header is read no further. */
const MAX_HOPS = 32
/** Of one hop: an IPv6 address in brackets with its port has at most 53 characters. */
const MAX_HOP_LENGTH = 64
/** `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`, or `2001:db8::1`. */
const HOP = /^[\t ]*(?:([\d.]+)(?::\d{1,5})?|\[([\da-f.]*:[\da-f:.]*)\](?::\d{1,5})?|([\da-f:.]+))[\t ]*$/i

/** Where an IPv6 network of one customer ends: each client can choose all bits behind. */
const IPV6_CLIENT_BITS = 64
/** A canonical IPv6 address that begins with four groups, none of them 0. To count out the bits of others takes ten times as long. */
const NETWORK = /^((?:[1-9a-f][\da-f]{0,3}:){3}[1-9a-f][\da-f]{0,3}):/
/** In the place of an address: the connection is closed. */
export const NOBODY = 'unknown'

interface Peer {
  /** As the connection has it. */
  readonly peerAddress: string | undefined
  /** Canonical. */
  readonly address: string
  readonly isTrusted: boolean
}

/**
 * Says which client a request comes from. The peer is believed about others only if it is a trusted proxy. Pure but
 * for `countMalformed`, and made of the connection and one header alone, so that the lane can ask it, too.
 */
export class ClientAddresses {
  readonly #trusted = { ipv4: new BlockList(), ipv6: new BlockList() }
  readonly #hasTrusted: boolean
  readonly #countMalformed: () => void
  /** Whose header was read last: most come from the same few proxies. */
  #last: Peer = { peerAddress: undefined, address: NOBODY, isTrusted: false }

  /** `trustedProxies`: as in Config. */
  constructor(trustedProxies: readonly string[], countMalformed: () => void) {
    // A list for each family, because a BlockList finds IPv4 in ranges of IPv6, too, such as ::/0.
    for (const range of trustedProxies) {
      const [address, prefixLength] = range.split('/') as [string, string?]
      const family = familyOf(address)
      if (prefixLength === undefined) this.#trusted[family].addAddress(address, family)
      else this.#trusted[family].addSubnet(address, Number(prefixLength), family)
    }
    this.#hasTrusted = trustedProxies.length > 0
    this.#countMalformed = countMalformed
  }

  /**
   * The client's address, canonical. `peerAddress`: of the connection; undefined: it is closed. `forwardedFor`:
   * X-Forwarded-For, several fields joined by commas. It is read from the right, where each proxy adds whom it
   * sees, up to the first address that is not trusted. What stands left of that was sent by the client, and is not
   * even read. When all are trusted, it is the leftmost. A hop that is no address, or too many of them: the
   * peer's, counted.
   */
  of(peerAddress: string | undefined, forwardedFor: string | undefined): string {
    const client = this.find(peerAddress, forwardedFor)
    if (client === null) this.#countMalformed()
    return client ?? peerOf(peerAddress)
  }

  /** As `of`, and counts nothing. null: the header is malformed, as far as it has to be read. */
  find(peerAddress: string | undefined, forwardedFor: string | undefined): string | null {
    if (forwardedFor === undefined) return peerOf(peerAddress)
    if (this.#last.peerAddress !== peerAddress) this.#last = this.#peerWith(peerAddress)
    return this.#last.isTrusted ? this.#behindProxies(forwardedFor) : this.#last.address
  }

  #peerWith(peerAddress: string | undefined): Peer {
    const address = peerOf(peerAddress)
    return { peerAddress, address, isTrusted: this.#isTrusted(address) }
  }

  /** Whether what this peer says of others is believed. */
  isTrusted(peerAddress: string | undefined): boolean {
    return this.#isTrusted(peerOf(peerAddress))
  }

  /** null: the header is malformed, as far as it has to be read. */
  #behindProxies(forwardedFor: string): string | null {
    let end = forwardedFor.length
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const comma = end === 0 ? -1 : forwardedFor.lastIndexOf(',', end - 1)
      const address = end - comma > MAX_HOP_LENGTH ? null : addressOf(forwardedFor.slice(comma + 1, end))
      if (address === null) return null
      if (comma < 0 || !this.#isTrusted(address)) return address
      end = comma
    }
    return null
  }

  #isTrusted(address: string): boolean {
    if (!this.#hasTrusted || address === NOBODY) return false
    const family = familyOf(address)
    return this.#trusted[family].check(address, family)
  }
}

/** What clients are told apart by, of a client's address: all of IPv4, and the first 64 bits of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const groups = NETWORK.exec(address)?.[1]
  return `${groups === undefined ? networkAddress(address, IPV6_CLIENT_BITS) : `${groups}::`}/64`
}

/** A link-local peer has a zone, which says where this machine sees it. */
function peerOf(peerAddress: string | undefined): string {
  return canonicalAddress(peerAddress?.split('%', 1)[0] ?? '') ?? NOBODY
}

function addressOf(hop: string): string | null {
  const parts = HOP.exec(hop)
  return parts === null ? null : canonicalAddress(parts[1] ?? parts[2] ?? parts[3]!)
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}
