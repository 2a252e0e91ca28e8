import { expect } from 'chai'
import { read } from '../../house/documents.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'

const PAGES = ['docs/http.md', 'docs/valid-clicks.md']
/** A body that names a client, in a command or alone. */
const BODY = /^\{"clicks":\[\{"id":1,"userAgent".*?\]\}$|(?<=-d ')[^']*"userAgent"[^']*(?=')/gms
const bodies = PAGES.flatMap(page => Array.from(read(page).matchAll(BODY), ([body]) => ({ page, body })))

describe('The examples of clicks that are forwarded', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest({ settings: { BOTS: 'class', DUPLICATE_WINDOW: '10' } })
  })
  after(() => test.stop())

  it('are there', () => {
    expect(bodies.map(({ page }) => page)).to.deep.equal(PAGES)
  })

  for (const { page, body } of bodies)
    it(`are answered as ${page} says`, async () => {
      const response = await fetch(`${test.thread.url}/counter`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(await response.text()).to.equal('{"accepted":6}')
    })

  it('have the classes that the clicks would have had', async () => {
    await test.thread.flush()
    const { clicks } = await test.health()
    expect(clicks.byClass).to.deep.equal({ valid: 1, bot: 6, duplicate: 5 })
  })
})
