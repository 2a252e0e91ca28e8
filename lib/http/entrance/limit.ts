import Boom from '@hapi/boom'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { type ClickLimits, UNLIMITED } from '../../clients/click-limits.ts'
import type { ClientKey } from '../../clients/client-key.ts'
import { deadEnd } from './dead-end.ts'
import type { BannerRuling, ClickForm, Ruling } from './ruling.ts'

interface LimitOptions {
  /** null: clicks are not limited. */
  readonly limits: ClickLimits | null
  readonly clicksPerMinute: number
  readonly books: Pick<ThreadBooks, 'countUnlimited'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Refuses clicks of clients from which too many have come. */
export class Limit {
  readonly #options: LimitOptions
  /** By the seconds that a client is to wait, which are few: to make an answer takes longer than to count a click. */
  readonly #rulings: BannerRuling[] = []

  constructor(options: LimitOptions) {
    this.#options = options
  }

  /** Charges a click to a client. null: it is admitted. `wantsPage`: see EachClick. */
  refusalOf(client: ClientKey, form: ClickForm, wantsPage: boolean): Ruling | null {
    const { limits, books, now } = this.#options
    const waitMs = limits!.admit(client, 1, now())
    if (waitMs === UNLIMITED) books.countUnlimited(1)
    if (waitMs <= 0) return null
    const seconds = Math.ceil(waitMs / 1000)
    const ruling = (this.#rulings[seconds] ??= this.#make(seconds))
    // Only /click/{id} is a link that somebody may be looking at.
    return form === 'click' ? ruling.each!.rulingOn('', wantsPage, now) : ruling
  }

  /** The answer to a bulk of a client that has no click left. null: it may be read. Charges nothing. */
  refusalOfUnread(client: ClientKey): Boom.Boom | null {
    const { limits, now } = this.#options
    const waitMs = limits!.isOver(client, now())
    return waitMs > 0 ? this.#tooMany(waitMs) : null
  }

  /** Charges all clicks of a bulk to a client, or none. null: they are admitted. */
  refusalOfBulk(client: ClientKey, clicks: number): Boom.Boom | null {
    const { limits, clicksPerMinute, books, now } = this.#options
    // Waiting would not help.
    if (clicks > clicksPerMinute) return Boom.entityTooLarge(bulkTooLarge(clicks, clicksPerMinute))
    const waitMs = limits!.admit(client, clicks, now())
    if (waitMs === UNLIMITED) books.countUnlimited(clicks)
    return waitMs > 0 ? this.#tooMany(waitMs) : null
  }

  #tooMany(waitMs: number): Boom.Boom {
    const seconds = Math.ceil(waitMs / 1000)
    const error = Boom.tooManyRequests(tooManyClicks(this.#options.clicksPerMinute, seconds))
    error.output.headers['Retry-After'] = seconds
    return error
  }

  #make(seconds: number): BannerRuling {
    const message = tooManyClicks(this.#options.clicksPerMinute, seconds)
    return deadEnd('limited', 429, message, { 'retry-after': seconds })
  }
}

/** What a client is told that may go on in so many seconds. */
export function tooManyClicks(clicksPerMinute: number, seconds: number): string {
  return `more clicks have come from your address than ${clicksPerMinute} a minute: try again in ${seconds} s`
}

function bulkTooLarge(clicks: number, clicksPerMinute: number): string {
  return `the bulk has ${clicks} clicks, and ${clicksPerMinute} a minute may come from your address: send fewer at once`
}
