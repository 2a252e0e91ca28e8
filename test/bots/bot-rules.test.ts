import { expect } from 'chai'
import { addRange, type BotLists, noRanges } from '../../lib/bots/bot-lists.ts'
import { BotRules } from '../../lib/bots/bot-rules.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const ADDRESS = '192.0.2.1'

function lists(patterns: readonly string[], texts: readonly string[] = []): BotLists {
  const ranges = { ...noRanges(), count: texts.length }
  for (const text of texts) addRange(ranges, text)
  return { patterns, ranges }
}

describe('the rules for bots', () => {
  it('take who sends no User-Agent and who says that it is a bot, and nobody else', () => {
    const rules = new BotRules(null)
    expect(rules.isBot('', ADDRESS)).to.equal(true)
    expect(rules.isBot(' ', ADDRESS)).to.equal(true)
    expect(rules.isBot(GOOGLEBOT, ADDRESS)).to.equal(true)
    expect(rules.isBot('curl/8.18.0', ADDRESS)).to.equal(true)
    expect(rules.isBot(FIREFOX, ADDRESS)).to.equal(false)
    expect(rules.isBot(FIREFOX, 'unknown')).to.equal(false)
  })

  it('take who has a pattern of the file, in upper or lower case, at its start, at its end or anywhere', () => {
    const rules = new BotRules(lists(['acme (', '^first/', '/last$', '^whole/1$', 'a.c+']))
    const isBot = (part: string) => rules.isBot(`${FIREFOX}${part}`, ADDRESS)
    expect(isBot(' ACME (x) Safari/1')).to.equal(true)
    expect(isBot(' acme[ Safari/1')).to.equal(false)
    expect(isBot(' first/1')).to.equal(false)
    expect(rules.isBot(`First/1 ${FIREFOX}`, ADDRESS)).to.equal(true)
    expect(isBot(' x/Last')).to.equal(true)
    expect(isBot(' x/last 1')).to.equal(false)
    expect(isBot(' whole/1')).to.equal(false)
    expect(isBot(' abc+')).to.equal(false)
    expect(isBot(' a.c+')).to.equal(true)
  })

  it('take whose address is in a range of the file', () => {
    const rules = new BotRules(lists([], ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::/8', '2002::1']))
    for (const address of [
      '10.0.0.0',
      '10.255.255.255',
      '192.0.2.7',
      '2001:db8:ffff::1',
      '::a00:1',
      '2002::1',
    ])
      expect(rules.isBot(FIREFOX, address), address).to.equal(true)
    for (const address of ['9.255.255.255', '11.0.0.0', '192.0.2.6', '2001:db9::', '2002::2', 'unknown'])
      expect(rules.isBot(FIREFOX, address), address).to.equal(false)
  })

  it('go by other lists once they are replaced, for clients that they know, too', () => {
    const rules = new BotRules(lists(['firefox/150'], ['192.0.2.0/24']))
    const { edition } = rules
    expect(rules.isBot(FIREFOX, '::1')).to.equal(true)
    expect(rules.isBot('Safari', ADDRESS)).to.equal(true)
    rules.replace(lists(['safari']))
    expect(rules.edition).not.to.equal(edition)
    expect(rules.isBot(FIREFOX, ADDRESS)).to.equal(false)
    expect(rules.isBot(`${FIREFOX} Safari/605`, ADDRESS)).to.equal(true)
  })

  it('say the same however many other User-Agents came meanwhile', () => {
    const rules = new BotRules(lists(['firefox/7 ']))
    const all = Array.from({ length: 3000 }, (_, nth) => `${FIREFOX} Firefox/${nth} Safari/605`)
    for (let round = 0; round < 3; round++)
      expect(all.filter(userAgent => rules.isBot(userAgent, ADDRESS))).to.deep.equal([all[7]])
  })

  it('look at the first 1 024 characters', () => {
    const rules = new BotRules(lists(['acme']))
    const long = (length: number) => `${FIREFOX} ${'(x) '.repeat(500)}`.slice(0, length)
    expect(rules.isBot(`${long(1020)}acme ${long(5000)}`, ADDRESS)).to.equal(true)
    expect(rules.isBot(`${long(1021)}acme ${long(5000)}`, ADDRESS)).to.equal(false)
  })

  it('take some microseconds for what is sent to keep them busy', () => {
    const rules = new BotRules(lists(Array.from({ length: 5000 }, (_, nth) => `${'ab'.repeat(50)}${nth}!`)))
    const parts = [' ', 'a', 'ab', '(', '@a', '1.', 'a-', '; a', 'mozilla/5.0 (', ' channel/googl', 'abc ']
    const slowest = parts.map(part => {
      const startMs = performance.now()
      for (let nth = 0; nth < 50; nth++) rules.isBot(`${nth}(${part.repeat(16_384 / part.length)}`, ADDRESS)
      return (performance.now() - startMs) / 50
    })
    expect(Math.max(...slowest)).to.be.below(1)
  })
})
