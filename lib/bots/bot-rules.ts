import { type BotLists, isInRange, noRanges } from './bot-lists.ts'
import { isDeclaredBot } from './declared.ts'
import { KnownAgents } from './known-agents.ts'
import { expressionOf } from './pattern.ts'

/**
 * Characters of a User-Agent that are looked at. No browser or app sends as many, and the time is in proportion to them:
 * 16 KiB, which a head may have, would take 0.2 ms.
 */
const MOST_CHARACTERS = 1024
/** V8 compiles an expression at its first use, and once more to machine code at its second one. */
const USES_UNTIL_COMPILED = 2
/** A browser's: all patterns are looked for in it. */
const ORDINARY = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'

/** Tells the clicks of declared bots from people's. Each request thread has one. */
export class BotRules {
  readonly #known = new KnownAgents()
  #pattern: RegExp | null = null
  #ranges = noRanges()
  #edition = 0

  /** `lists`: what the operator's files say. null: there are none. */
  constructor(lists: BotLists | null) {
    for (let uses = 0; uses < USES_UNTIL_COMPILED; uses++) isDeclaredBot(ORDINARY)
    if (lists !== null) this.#take(lists)
  }

  /** Changes with the lists: what was said of a client before may be wrong then. */
  get edition(): number {
    return this.#edition
  }

  /** These lists are in force from now on. */
  replace(lists: BotLists): void {
    this.#take(lists)
    this.#edition++
  }

  /**
   * Whether a click of this client is a bot's: its User-Agent is empty, declares one or has a pattern of the lists, or its address is in
   * a range of them. `userAgent`: a text of its own, which may be kept (of a part of a longer one, V8 would keep
   * the whole); '' when it sent none. `address`: canonical, see lib/base/ip-address.ts; what is no address is in no range.
   */
  isBot(userAgent: string, address: string): boolean {
    return this.#isOfBot(userAgent) || (this.#ranges.count > 0 && isInRange(this.#ranges, address))
  }

  #isOfBot(userAgent: string): boolean {
    if (userAgent === '') return true
    // Not kept, because V8 keeps the whole of a text that was cut.
    if (userAgent.length > MOST_CHARACTERS) return this.#judge(userAgent.slice(0, MOST_CHARACTERS))
    const known = this.#known.get(userAgent)
    if (known !== undefined) return known
    const isBot = this.#judge(userAgent)
    this.#known.set(userAgent, isBot)
    return isBot
  }

  #judge(userAgent: string): boolean {
    return isDeclaredBot(userAgent) || (this.#pattern?.test(userAgent) ?? false)
  }

  #take({ patterns, ranges }: BotLists): void {
    const pattern = patterns.length === 0 ? null : expressionOf(patterns)
    // Here, and not at the next click, which would wait for it.
    for (let uses = 0; uses < USES_UNTIL_COMPILED; uses++) pattern?.test(ORDINARY)
    this.#pattern = pattern
    this.#ranges = ranges
    this.#known.clear()
  }
}
