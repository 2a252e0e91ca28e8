import crawlers from 'crawler-user-agents'
import browsers from 'top-user-agents'
import { addRange, type BotLists, noRanges } from '../../lib/bots/bot-lists.ts'
import { BotRules } from '../../lib/bots/bot-rules.ts'
import { parsePattern } from '../../lib/bots/pattern.ts'
import { median } from './statistics.ts'

const ROUNDS = 7
/** Of a range among cloud providers' addresses; the ranges do not touch each other. */
const IPV4_LENGTH = 26
const IPV6_LENGTH = 48
/** More User-Agents than are remembered: each one is looked through. */
const MANY = 4096

/** Time of this thread for one look, in nanoseconds. `look` is given the number of the look. */
export function nsPerLook(looks: number, look: (nth: number) => boolean): number {
  let found = 0
  const times = Array.from({ length: ROUNDS + 1 }, () => {
    const startNs = process.hrtime.bigint()
    for (let nth = 0; nth < looks; nth++) if (look(nth)) found++
    return Number(process.hrtime.bigint() - startNs) / looks
  })
  if (found < 0) throw new Error('V8 must not leave the looks out')
  // The first round warms up.
  return median(times.slice(1))
}

/**
 * Of `different` User-Agents of browsers in turn, what a look at one takes, in nanoseconds. Each is a new text, as if it
 * came from the network, and what it takes to make it is not counted.
 */
export function userAgentNs(rules: BotRules, different: 'few' | 'many', looks: number): number {
  const count = different === 'few' ? browsers.length : MANY
  const bytes = Array.from({ length: count }, (_, nth) =>
    Buffer.from(`${browsers[nth % browsers.length]}${different === 'few' ? '' : ` Edg/${nth}.0.0.0`}`),
  )
  const made = nsPerLook(looks, nth => bytes[nth % count]!.toString('latin1').length === 0)
  return nsPerLook(looks, nth => rules.isBot(bytes[nth % count]!.toString('latin1'), 'unknown')) - made
}

/** What a look at an address takes that is in none of the ranges, in nanoseconds. */
export function addressNs(rules: BotRules, family: 4 | 6, looks: number): number {
  const addresses = Array.from({ length: MANY }, (_, nth) => addressOf(family, nth * 24 + 0.5))
  const userAgent = browsers[0]!
  const without = nsPerLook(looks, () => rules.isBot(userAgent, 'unknown'))
  return nsPerLook(looks, nth => rules.isBot(userAgent, addresses[nth % MANY]!)) - without
}

/** Lists of so many patterns, those of crawlers first, and of so many ranges of each family. */
export function botLists(patterns: number, ranges: number): BotLists {
  const texts = crawlers
    .map(({ pattern }) => parsePattern(pattern.replaceAll('\\', '')))
    .flatMap(parsed => ('value' in parsed ? [parsed.value] : []))
  const more = Array.from(
    { length: Math.max(0, patterns - texts.length) },
    (_, nth) => `example${nth}reader/`,
  )
  const allRanges = { ...noRanges(), count: 2 * ranges }
  for (let nth = 0; nth < ranges; nth++) {
    addRange(allRanges, `${addressOf(4, nth)}/${IPV4_LENGTH}`)
    addRange(allRanges, `${addressOf(6, nth)}/${IPV6_LENGTH}`)
  }
  return { patterns: [...texts, ...more].slice(0, patterns), ranges: allRanges }
}

/** For how long a thread stands still when it takes these lists, in milliseconds. */
export function takeMs(lists: BotLists): number {
  return median(
    Array.from({ length: ROUNDS }, (_, round) => {
      const rules = new BotRules(null)
      // V8 remembers an expression that it has compiled: each round has another one.
      const other = {
        ...lists,
        patterns: [...lists.patterns.slice(1), `round${round}of${performance.now()}`],
      }
      const startMs = performance.now()
      rules.replace(other)
      return performance.now() - startMs
    }),
  )
}

/** The first address of the network of that number; every second network is a range. A half: in the gap behind it. */
function addressOf(family: 4 | 6, nth: number): string {
  const network = Math.round(nth * 2)
  if (family === 6) return `2600:${(network >>> 16).toString(16)}:${(network & 0xffff).toString(16)}::`
  const address = 0x10000000 + network * 64
  return [24, 16, 8, 0].map(shift => (address >>> shift) & 0xff).join('.')
}
