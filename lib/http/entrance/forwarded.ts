import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ClientAddresses, networkOf } from './client-address.ts'

/** What the proxies in front say of a request, as far as they are trusted. */
export class Forwarded {
  readonly #clients: ClientAddresses
  readonly #known = new WeakMap<IncomingMessage, string>()

  /** `trustedProxies`: as in Config. `countMalformed`: a client's address could not be read. */
  constructor(trustedProxies: readonly string[], countMalformed: () => void) {
    this.#clients = new ClientAddresses(trustedProxies, countMalformed)
  }

  /** The client's network. */
  networkOf(request: IncomingMessage): string {
    const known = this.#known.get(request)
    if (known !== undefined) return known
    // Once: what is malformed is counted each time.
    const network = networkOf(this.clientOf(request))
    this.#known.set(request, network)
    return network
  }

  /** The client's address. To be asked once for each request: what is malformed is counted each time. */
  clientOf(request: IncomingMessage): string {
    return this.#clients.of(request.socket.remoteAddress, fieldOf(request, 'x-forwarded-for'))
  }

  /** The peer's network. null: a trusted proxy, who speaks for many. */
  networkOfPeer({ remoteAddress }: Socket): string | null {
    return this.#clients.isTrusted(remoteAddress)
      ? null
      : networkOf(this.#clients.of(remoteAddress, undefined))
  }

  /** Whether the client came by https. */
  isHttps(request: IncomingMessage): boolean {
    return this.#says(request, 'x-forwarded-proto')?.toLowerCase() === 'https'
  }

  /** The host that the client has asked, perhaps with a port. undefined: HTTP/1.0 may leave it out. */
  hostOf(request: IncomingMessage): string | undefined {
    return this.#says(request, 'x-forwarded-host') ?? request.headers.host
  }

  /** Several values are not believed: the client may have sent the first ones. */
  #says(request: IncomingMessage, name: string): string | undefined {
    const value = fieldOf(request, name)
    if (value === undefined || value.includes(',')) return undefined
    return this.#clients.isTrusted(request.socket.remoteAddress) ? value : undefined
  }
}

/** Node joins several fields by commas; Set-Cookie alone would be an array. */
function fieldOf({ headers }: IncomingMessage, name: string): string | undefined {
  return headers[name] as string | undefined
}
