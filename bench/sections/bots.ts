import { BotRules } from '../../lib/bots/bot-rules.ts'
import { addressNs, botLists, takeMs, userAgentNs } from '../measuring/bot-looks.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const PATTERNS = [0, 1500, 5000]
const RANGES = [1000, 10_000, 100_000]

export const bots: Section = {
  name: 'bots',
  title: 'Bots',
  question: 'what does it cost to tell bots from people?',
  needs: [],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const looks = isQuick ? 1000 : 100_000
  const patterns = PATTERNS.map(count => {
    const lists = botLists(count, 0)
    const rules = new BotRules(lists)
    return {
      count,
      knownNs: userAgentNs(rules, 'few', looks),
      newNs: userAgentNs(rules, 'many', looks),
      takeMs: takeMs(lists),
    }
  })
  const ranges = RANGES.map(count => {
    const rules = new BotRules(botLists(0, count))
    return {
      count,
      ipv4Ns: addressNs(rules, 4, looks),
      ipv6Ns: addressNs(rules, 6, looks),
    }
  })
  return {
    text: `${markdownTable(
      ['patterns', 'a User-Agent that came lately, ns', 'another one, ns', 'a thread takes the list, ms'],
      patterns.map(({ count, knownNs, newNs, takeMs }) => [
        count,
        knownNs.toFixed(0),
        newNs.toFixed(0),
        takeMs.toFixed(1),
      ]),
    )}
${markdownTable(
  ['ranges of a family', 'an IPv4 address, ns', 'an IPv6 address, ns'],
  ranges.map(({ count, ipv4Ns, ipv6Ns }) => [count, ipv4Ns.toFixed(0), ipv6Ns.toFixed(0)]),
)}
User-Agents of browsers, which have none of the patterns, and addresses that are in none of the ranges: those take
longest. Both are looked at once a head. A thread that takes a list answers nobody meanwhile.
`,
    raw: { patterns, ranges },
    charts: {},
    isSound: true,
  }
}
