import { expect } from 'chai'
import type { Page } from 'playwright-core'
import type { Fleet, Instance } from '../../lib/dashboard/page/fleet/types.d.ts'
import { hide, useDashboards } from './page-support.ts'

const PHONE = { width: 360, height: 740 }

function instance(name: string, content: Partial<Instance> = {}): Instance {
  const now = new Date().toISOString()
  const times = { startedAt: now, seenAt: now, finalThrough: now }
  const state = { version: '1.0.0', state: 'serving', pending: 0, pendingSeconds: 0, advice: null } as const
  return { name, id: name, ...state, ...times, ...content }
}

const LOST = instance('web-2:8080', {
  state: 'lost',
  pending: 1204,
  pendingSeconds: 40,
  advice: 'Start it again with its directory, or store that: `npm run journal -- store DIR`.',
})

describe('the view Fleet', function () {
  this.timeout(30_000)
  const dashboards = useDashboards({ hash: '#/fleet' })
  let fleet: Fleet
  let asked: number
  const open = async (options: Parameters<typeof dashboards.open>[0] = {}) => {
    const dashboard = await dashboards.open({ ...options, hash: '#/live' })
    await dashboard.page.route('**/fleet', route => {
      asked++
      return route.fulfill({ json: fleet })
    })
    await dashboard.page.getByRole('link', { name: 'Fleet' }).click()
    await rows(dashboard.page).first().waitFor()
    return dashboard
  }
  const rows = (page: Page) => page.locator('.instances tbody tr')
  const names = (page: Page) => page.locator('.instances .name').allInnerTexts()
  beforeEach(() => {
    asked = 0
    fleet = {
      finalThrough: new Date().toISOString(),
      heldBackBy: ['web-2:8080'],
      instances: [instance('web-1:8080'), LOST],
    }
  })

  it('shows who is gone with how many clicks, and what to do', async () => {
    const { page, complaints, violations } = await open()
    expect(await names(page)).to.deep.equal(['web-2:8080', 'web-1:8080'])
    expect((await rows(page).first().innerText()).replaceAll('\u202f', ' ')).to.match(
      /Lost\s+1 204 for 40 s\s.*Start it again with its directory, or store that: npm run journal -- store DIR\.$/s,
    )
    await page.getByText('1 instance serves. 1 is lost').waitFor()
    await page.getByText('Held back by web-2:8080.').waitFor()
    expect(await page.title()).to.match(/Fleet/)
    expect(await violations()).to.deep.equal([])
    expect(complaints()).to.deep.equal([])
  })

  it('follows the fleet without moving what is read, and asks for nothing while nobody looks', async () => {
    const { page } = await open({ isClockStill: true })
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('.instances .advice'))")
    const selected = await page.evaluate('String(getSelection())')
    fleet = { ...fleet, instances: [instance('web-1:8080', { pending: 3 }), LOST] }
    await page.clock.runFor(2000)
    await page.locator('.instances .pending').filter({ hasText: /^3/ }).waitFor()
    expect(await page.evaluate('String(getSelection())')).to.equal(selected)
    fleet = { ...fleet, heldBackBy: [], instances: [instance('web-1:8080'), { ...LOST, state: 'stopped' }] }
    await page.clock.runFor(2000)
    await page.locator('.instances .state', { hasText: 'Stopped' }).waitFor()
    expect(await names(page)).to.deep.equal(['web-1:8080', 'web-2:8080'])
    const before = asked
    await hide(page, true)
    await page.clock.runFor(60_000)
    await hide(page, false)
    await page.getByRole('link', { name: 'Live' }).click()
    await page.clock.runFor(60_000)
    expect(asked).to.be.at.most(before + 1)
  })

  it('says what is wrong, keeps what it has shown, and goes on by itself', async () => {
    const { page } = await open({ isClockStill: true })
    await page.route('**/fleet', route =>
      route.fulfill({ status: 503, json: { statusCode: 503, message: 'The database is away.' } }),
    )
    await page.clock.runFor(2000)
    await page.getByRole('alert').filter({ hasText: 'The database is away.' }).waitFor()
    expect(await rows(page).count()).to.equal(2)
    await page.unroute('**/fleet')
    await page.route('**/fleet', route => route.fulfill({ json: { ...fleet, instances: [instance('new')] } }))
    await page.clock.runFor(5000)
    await page.locator('.instances .name', { hasText: 'new' }).waitFor()
    expect(await page.getByRole('alert').filter({ hasText: 'away' }).count()).to.equal(0)
  })

  it('fits a phone, and is reached by the keyboard', async () => {
    const { page, violations } = await open({ viewport: PHONE, colorScheme: 'dark' })
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(PHONE.width)
    expect(await violations()).to.deep.equal([])
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.locator('#panels').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    await rows(page).first().waitFor()
  })
})
