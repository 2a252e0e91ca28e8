import { expect } from 'chai'
import type { Key } from '../../support/tab.ts'
import { until } from '../../support/until.ts'
import type { Visit } from '../visit.ts'

const WRONG_IDS = [
  ...['', '0', '-1', '+7', '07', '7.0', '1e3', ' 7', '7 ', '0x7', '２', '2147483648', '99999999999', '<b>'],
]

/** What counts on elements with data-banner, and what does not. */
export function elementsSuite(visit: () => Visit): void {
  const element = (id: string) => `document.getElementById('${id}')`
  beforeEach(() => visit().open('elements'))

  it('counts a click, also with the middle button and with keys held', async () => {
    const { tab, sent } = visit()
    await tab.click(element('link'))
    await tab.click(element('link'), { button: 'middle' })
    for (const key of ['Shift', 'Control', 'Alt', 'Meta'] satisfies Key[])
      await tab.click(element('link'), { held: [key] })
    expect(await sent()).to.deep.equal(Array(6).fill('1'))
    expect(await tab.evaluate('events.splice(0)')).to.deep.equal([
      ...['click', 'auxclick', 'click', 'click', 'click', 'click'],
    ])
  })

  it('counts a tap once', async () => {
    const { tab, sent } = visit()
    await tab.tap(element('link'))
    // The browser makes a click of it, perhaps a moment later.
    await until(async () => (await tab.evaluate<string[]>('events')).length > 0)
    expect(await sent()).to.deep.equal(['1'])
    expect(await tab.evaluate('events')).to.deep.equal(['click'])
  })

  it('counts a label around its field twice: browsers make two clicks of one', async () => {
    const { tab, sent } = visit()
    await tab.click(element('label'))
    expect(await sent()).to.deep.equal(['16', '16'])
  })

  it('counts Enter and Space once', async () => {
    const { tab, sent } = visit()
    await tab.press(element('link'), 'Enter')
    expect(await sent()).to.deep.equal(['1'])
    await tab.press(element('button'), 'Space')
    await tab.press(element('button'), 'Enter')
    expect(await sent()).to.deep.equal(['2', '2'])
  })

  it('counts no click with the right button', async () => {
    const { tab, sent } = visit()
    await tab.click(element('link'), { button: 'right' })
    expect(await tab.evaluate('events')).to.include('auxclick')
    expect(await sent()).to.deep.equal([])
  })

  it('counts no click that a script makes', async () => {
    const { tab, sent } = visit()
    await tab.evaluate(`void ${element('link')}.click()`)
    await tab.evaluate(
      `void ${element('link')}.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))`,
    )
    expect(await tab.evaluate('events.length')).to.equal(2)
    expect(await sent()).to.deep.equal([])
  })

  it('counts for the innermost of several, and for what was clicked inside', async () => {
    const { tab, sent } = visit()
    await tab.click(element('inner'))
    await tab.click(element('beside'))
    await tab.click(element('picture'))
    expect(await sent()).to.deep.equal(['4', '3', '5'])
  })

  it('counts on what was added later', async () => {
    const { tab, sent } = visit()
    await tab.evaluate(
      `document.body.insertAdjacentHTML('afterbegin', '<p id="late" data-banner="6">late</p>')`,
    )
    await tab.click(element('late'))
    expect(await sent()).to.deep.equal(['6'])
  })

  it('counts whatever handlers do with the event', async () => {
    const { tab, sent } = visit()
    for (const id of ['prevented', 'stopped', 'hidden']) await tab.click(element(id))
    expect(await sent()).to.deep.equal(['7', '8', '9'])
  })

  it('counts nothing of what is disabled', async () => {
    const { tab, sent } = visit()
    for (const id of ['disabled', 'disabled-inside', 'disabled-by-fieldset']) await tab.click(element(id))
    expect(await sent()).to.deep.equal([])
    await tab.evaluate(`void (${element('disabled')}.disabled = false)`)
    await tab.click(element('disabled'))
    expect(await sent()).to.deep.equal(['10'])
  })

  it('counts in an open shadow root, and for the host of a closed one', async () => {
    const { tab, sent } = visit()
    await tab.click('openRoot.getElementById("in-open")')
    await tab.click('deepRoot.getElementById("in-deep")')
    await tab.click('closedRoot.getElementById("in-closed")')
    expect(await sent()).to.deep.equal(['11', '12', '13'])
  })

  it('counts in a frame by the script of the frame alone', async () => {
    const { tab, sent } = visit()
    await tab.click(element('frame'))
    expect(await sent()).to.deep.equal([])
    expect(await tab.evaluate('frames[0].sent.length')).to.equal(1)
    await tab.click(element('bare-frame'))
    expect(await tab.evaluate('frames[1].events')).to.deep.equal(['click'])
    expect(await sent()).to.deep.equal([])
  })

  it('warns once of each wrong id, and counts nothing', async () => {
    const { tab, sent } = visit()
    for (const id of WRONG_IDS) {
      await tab.evaluate(`void (${element('link')}.dataset.banner = ${JSON.stringify(id)})`)
      await tab.click(element('link'))
      await tab.click(element('link'))
      const [warning, ...others] = await tab.evaluate<string[]>('warnings.splice(0)')
      expect(warning, id).to.include(`"${id}"`).and.include('1 to 2147483647')
      expect(others).to.deep.equal([])
    }
    expect(await sent()).to.deep.equal([])
  })
}
