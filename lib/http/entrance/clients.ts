import type { BotRules } from '../../bots/bot-rules.ts'
import type { ClientKey } from '../../clients/client-key.ts'
import type { Salts } from '../../clients/salts.ts'
import { type ClientAddresses, NOBODY, networkOf } from './client-address.ts'
import type { Facts } from './facts.ts'

/** Who has sent a click, as far as settings in force ask for it. */
export interface Client {
  /** Of all that the rest was made with. NaN: it is to be made anew for each request. */
  readonly edition: number
  readonly isBot: boolean
  /** What its notes are kept under. null: it is in none. */
  readonly key: ClientKey | null
  /** The same by the salt before, as long as such notes may be in force. */
  readonly previousKey: ClientKey | null
  /** What its clicks are limited by. null: they are not limited. */
  readonly networkKey: ClientKey | null
}

/** Of a request that counts no click, and of all requests while no setting asks who has sent them. */
export const NO_CLIENT: Client = {
  edition: 0,
  isBot: false,
  key: null,
  previousKey: null,
  networkKey: null,
}

export interface ClientsOptions {
  readonly addresses: ClientAddresses
  /** null: bots are not told from people. */
  readonly bots: BotRules | null
  /** null: neither notes nor limits are kept. */
  readonly salts: Salts | null
  readonly areDuplicatesClassed: boolean
  readonly areClicksLimited: boolean
  /** Whether this Authorization has a key in force that clicks may be counted with. */
  readonly hasCountingKey: (authorization: string) => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Tells clients apart. What it says holds for a head as long as nobody puts other lists or another salt in force. */
export class Clients {
  readonly #options: ClientsOptions
  readonly #isWanted: boolean

  constructor(options: ClientsOptions) {
    this.#options = options
    this.#isWanted = options.bots !== null || options.salts !== null
  }

  /** Whether `of` would say the same of the same request now. */
  isCurrent(client: Client): boolean {
    return client.edition === this.#edition
  }

  /** Who has sent a request. `peerAddress`: of the connection; undefined: it is closed. */
  of(peerAddress: string | undefined, { userAgent, forwardedFor, authorization }: Facts): Client {
    if (!this.#isWanted) return NO_CLIENT
    const { addresses } = this.#options
    const isLimited = this.#isLimited(authorization)
    const found = addresses.find(peerAddress, forwardedFor)
    if (found !== null) return this.#make(userAgent, found, isLimited)
    // What is malformed is counted for each request, and so the client is made for each.
    const client = this.#make(userAgent, addresses.of(peerAddress, forwardedFor), isLimited)
    return { ...client, edition: Number.NaN }
  }

  /**
   * What a bulk of this client is limited by; null: it is not. No more is asked of who sends a bulk. `network`: see
   * networkOf. `authorization`: as it was sent.
   */
  networkKeyOf(network: string, authorization: string | undefined): ClientKey | null {
    return this.#isLimited(authorization) ? this.#options.salts!.keyOf(network) : null
  }

  /** Who has sent an entry of a bulk, as the bulk says. `ip`: canonical. The limit is not about entries. */
  ofEntry(userAgent: string, ip: string): Client {
    return this.#make(userAgent, ip, false)
  }

  #make(userAgent: string, address: string, isLimited: boolean): Client {
    const { bots, salts, areDuplicatesClassed, now } = this.#options
    // Before the rest: read after a change that falls between, it would be taken for current for ever.
    const edition = this.#edition
    const isBot = bots?.isBot(userAgent, address) ?? false
    const network = networkOf(address)
    // Clients without an address cannot be told apart. They share a limit, and none is another one's duplicate.
    const text = areDuplicatesClassed && !isBot && address !== NOBODY ? `${network} ${userAgent}` : null
    return {
      edition,
      isBot,
      key: text === null ? null : salts!.keyOf(text),
      previousKey: text === null ? null : salts!.previousKeyOf(text, now()),
      networkKey: isLimited ? salts!.keyOf(network) : null,
    }
  }

  #isLimited(authorization: string | undefined): boolean {
    const { areClicksLimited, hasCountingKey } = this.#options
    return areClicksLimited && (authorization === undefined || !hasCountingKey(authorization))
  }

  /** Neither number ever falls, so their sum is another one after each change. */
  get #edition(): number {
    const { bots, salts } = this.#options
    return (bots?.edition ?? 0) + (salts?.edition ?? 0)
  }
}
