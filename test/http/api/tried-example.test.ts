import { expect } from 'chai'
import { read } from '../../house/documents.ts'
import { startHttpTest } from '../../support/http.ts'

const PAGE = read('docs/valid-clicks.md')
const BROWSER = /^BROWSER='(.*)'$/m.exec(PAGE)![1]!
const COMMANDS = Array.from(
  PAGE.matchAll(/^curl (?<agent>-A "\$BROWSER" )?http:\/\/localhost:8080(?<path>\S+) +# (?<class>.*)$/gm),
  ([, agent, path, className]) => ({
    userAgent: agent === undefined ? 'curl/8.14.1' : BROWSER,
    path,
    className,
  }),
)

describe('The example to try valid clicks with', () => {
  it('has a click of each class, as it says', async () => {
    expect(COMMANDS.map(({ className }) => className)).to.deep.equal(["a bot's", 'valid', 'a duplicate'])
    const test = await startHttpTest({ settings: { BOTS: 'class', DUPLICATE_WINDOW: '10' } })
    try {
      const found: unknown[] = []
      for (const { userAgent, path } of COMMANDS) {
        await fetch(test.thread.url + path, { headers: { 'user-agent': userAgent } })
        found.push((await test.health()).clicks.byClass)
      }
      expect(found).to.deep.equal([
        { valid: 0, bot: 1, duplicate: 0 },
        { valid: 1, bot: 1, duplicate: 0 },
        { valid: 1, bot: 1, duplicate: 1 },
      ])
    } finally {
      await test.stop()
    }
  })
})
