import { expect } from 'chai'
import { until } from '../../support/until.ts'
import type { Visit } from '../visit.ts'

const YES = ['true', 'Promise.resolve(true)', 'new Promise(resolve => setTimeout(resolve, 1, true))']
const NO = [
  ...['false', 'undefined', 'null', '0', '1', '"yes"', '{}', 'Promise.resolve(false)', 'Promise.resolve(1)'],
  ...['Promise.reject(new Error("unknown"))', '(() => { throw new Error("unknown") })()'],
]
const LINK = 'document.links[0]'

/** What the page's consent means for its clicks. */
export function consentSuite(visit: () => Visit): void {
  beforeEach(() => visit().open('plain'))

  const setConsent = (answer: string) =>
    visit().tab.evaluate(`void (clickcounter.consent = () => (${answer}))`)

  for (const answer of YES)
    it(`counts where consent answers ${answer}`, async () => {
      const { tab, sent } = visit()
      await setConsent(answer)
      await tab.click(LINK)
      // Its promise is settled after that of the click.
      expect(await tab.evaluate('clickcounter.count(2)')).to.equal(true)
      expect(await sent()).to.deep.equal(['1', '2'])
    })

  it('counts nothing where consent answers anything else', async () => {
    const { tab, sent } = visit()
    for (const answer of NO) {
      await setConsent(answer)
      await tab.click(LINK)
      const counted = await tab.evaluate('(async () => clickcounter.count(2))().catch(() => false)')
      expect(counted, answer).to.equal(false)
    }
    expect(await sent()).to.deep.equal([])
    // What its own function throws is for the page to see. A promise that nobody handles is told of a little later.
    await until(
      async () =>
        (await tab.evaluate<string[]>('failures.filter(text => /unknown/.test(text))')).length === 2,
    )
  })

  it('keeps no click of before for later', async () => {
    const { tab, sent } = visit()
    await setConsent('false')
    await tab.click(LINK)
    await setConsent('true')
    expect(await sent()).to.deep.equal([])
    await tab.click(LINK)
    expect(await sent()).to.deep.equal(['1'])
    const left = await tab.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')
    expect(left).to.deep.equal([0, 0, ''])
  })

  it('waits with a click for as long as its answer takes', async () => {
    const { tab, sent } = visit()
    await setConsent('new Promise(resolve => { options = resolve })')
    await tab.click(LINK)
    expect(await sent()).to.deep.equal([])
    await tab.evaluate('void options(true)')
    expect(await sent()).to.deep.equal(['1'])
  })

  it('asks what was there before the script, and what has taken its place since', async () => {
    const { tab, open, sent } = visit()
    await open('refused')
    await tab.click(LINK)
    expect(await sent()).to.deep.equal([])
    await tab.evaluate('void (clickcounter = { consent: () => true })')
    await tab.click(LINK)
    expect(await sent()).to.deep.equal(['1'])
    await tab.evaluate('void (clickcounter = { consent: () => false })')
    await tab.click(LINK)
    expect(await sent()).to.deep.equal([])
  })
}
