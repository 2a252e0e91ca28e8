import { expect } from 'chai'
import { until } from '../../support/until.ts'
import type { Visit } from '../visit.ts'

const LINK = 'document.links[0]'

/** How the script comes into a page, and how a click leaves it. */
export function loadingSuite(visit: () => Visit): void {
  it('adds one global, and leaves nothing in the browser', async () => {
    const { tab, open, sent } = visit()
    await open('plain')
    await tab.click(LINK)
    expect(await sent()).to.deep.equal(['1'])
    const left = await tab.evaluate(
      '[globals(), document.cookie, localStorage.length, sessionStorage.length]',
    )
    expect(left).to.deep.equal([['clickcounter'], '', 0, 0])
  })

  it('counts by count(id), and says whether the click was handed over', async () => {
    const { tab, open, sent } = visit()
    await open('elements')
    expect(await tab.evaluate('[7, "8", 2147483647].map(id => clickcounter.count(id))')).to.deep.equal(
      Array(3).fill(true),
    )
    expect(await sent()).to.deep.equal(['7', '8', '2147483647'])
    expect(
      await tab.evaluate('[0, -1, 1.5, NaN, 2147483648, "07", null, {}].map(id => clickcounter.count(id))'),
    ).to.deep.equal(Array(8).fill(false))
    expect(await sent()).to.deep.equal([])
    expect(await tab.evaluate<string[]>('warnings.splice(0)')).to.have.length(8)
  })

  it('hands over by fetch where a beacon is refused, or where there is none', async () => {
    const { counter, tab, open } = visit()
    await open('elements')
    expect(
      await counter.clicksCounted(async () => {
        const before = counter.thread.balance().accepted
        await tab.evaluate('void (navigator.sendBeacon = () => false)')
        await tab.click(LINK)
        await tab.evaluate('void (navigator.sendBeacon = undefined)')
        await tab.click(LINK)
        await until(() => counter.thread.balance().accepted === before + 2)
      }),
    ).to.equal(2)
    await tab.evaluate(
      'void (fetch = (...all) => { sent.push(all[0]); options = all[1]; return Promise.reject() })',
    )
    expect(await tab.evaluate('clickcounter.count(7)')).to.equal(true)
    expect(await tab.evaluate('options')).to.deep.equal({
      method: 'POST',
      keepalive: true,
      credentials: 'omit',
    })
    expect(await tab.evaluate('failures')).to.deep.equal([])
  })

  for (const page of ['plain', 'async', 'defer', 'module', 'added', 'twice', 'elsewhere', 'imported'])
    it(`counts once where it is loaded like this: ${page}`, async () => {
      const { counter, tab, open } = visit()
      await open(page)
      await until(() => tab.evaluate<boolean>('window.clickcounter?.count !== undefined'))
      await tab.click(LINK)
      expect(await tab.evaluate('sent.splice(0)')).to.deep.equal([
        `http://localhost:${counter.thread.port}/counter/1`,
      ])
    })

  it('counts below the path where the counter is', async () => {
    const { counter, tab, open } = visit()
    await open('below')
    await tab.click(LINK)
    expect(await tab.evaluate('sent')).to.deep.equal([
      `http://localhost:${counter.thread.port}/clicks/counter/1`,
    ])
  })

  it('says what is missing where nothing names the counter', async () => {
    const { tab, open } = visit()
    await open('nowhere')
    await until(() => tab.evaluate<boolean>('failures.length > 0'))
    expect(await tab.evaluate('failures[0]')).to.include('data-counter')
  })

  for (const page of ['policy', 'integrity', 'isolated'])
    it(`counts in a page of this kind: ${page}`, async () => {
      const { counter, tab, open } = visit()
      expect(
        await counter.clicksCounted(async () => {
          const before = counter.thread.balance().accepted
          await open(page)
          await tab.click(LINK)
          await tab.arriveAt('/other')
          await until(() => counter.thread.balance().accepted > before)
        }),
      ).to.equal(1)
    })

  it('counts again in a page that has come back', async () => {
    const { tab, open, sent } = visit()
    await open('left')
    await tab.click(LINK)
    await tab.arriveAt('/other')
    await tab.evaluate('void setTimeout(() => history.back())')
    await tab.arriveAt('/left')
    expect(await tab.evaluate('hasComeBack')).to.equal(true)
    expect(await sent()).to.deep.equal(['1'])
    await tab.click(LINK)
    await tab.arriveAt('/other')
    await tab.evaluate('void setTimeout(() => history.back())')
    await tab.arriveAt('/left')
    expect(await sent()).to.deep.equal(['1'])
  })
}
