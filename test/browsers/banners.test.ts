import { expect } from 'chai'
import { CHROMIUM, FIREFOX, findBrowser } from '../support/browser.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { type Visitor, visitors } from '../support/visitor.ts'
import { BannersVisit } from './banners-visit.ts'

const ADMIN_KEY = 'a-key-of-a-test-and-of-nothing-else-1'
const MANY = `INSERT INTO banners
    (id, name, target, labels, pass_query, is_active, version, updated_at, updated_by)
  SELECT 3 * n, 'Banner number ' || n, NULL, '{}', '{}', true, gen_random_uuid(), now(), 'shell'
  FROM generate_series(1, 3000) AS n`
const HEAD = 'id,name,target\r\n'

describe('banners are kept on the page', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let service: ServiceProcess
  let visitor: Visitor
  before(function () {
    // They may have to be installed.
    this.timeout(300_000)
    for (const kind of [CHROMIUM, FIREFOX]) findBrowser(kind)
  })
  beforeEach(async () => {
    database = await createTestDatabase()
    await database.query(MANY)
    // The lists of the view Overview end with the last full hour.
    await database.storeMinutes("VALUES (1, date_trunc('hour', now()) - interval '30 hours', 2)")
    service = await startServiceProcess({ DATABASE_URL: database.url, ADMIN_KEY, SERVER_THREADS: '1' })
  })
  afterEach(async () => {
    await visitor.close()
    await endService(service)
    await database.drop()
  })

  const ask = (path: string, method: string, body?: object, key = ADMIN_KEY) =>
    fetch(`${service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const keyOf = async (name: string) => {
    const answer = await ask('/keys', 'POST', { name, scopes: ['read', 'manage'] })
    return ((await answer.json()) as { text: string }).text
  }
  const leadsTo = async (id: number) =>
    (await fetch(`${service.url}/click/${id}`, { redirect: 'manual' })).headers.get('location')

  for (const [name, start] of Object.entries(visitors))
    it(`from the log-in to the log-out, in ${name}`, async () => {
      visitor = await start()
      const visit = new BannersVisit(await visitor.openTab())
      const [newsroom, ada] = [await keyOf('newsroom'), await keyOf('Ada')]
      await visit.goto(`${service.url}/dashboard#/banners`)
      await visit.sees('Log in with a key to see banners.')
      await visit.fill('Key', newsroom)
      await visit.press('Log in')
      await visit.sees('Logged in with the key newsroom')

      await visit.sees('50 banners, and more follow')
      await visit.press('Next')
      expect((await visit.seesFirst(153)).at(-1)).to.equal(300)
      await visit.goBack()
      await visit.seesFirst(3)
      await visit.fill('Search names', 'number 3000')
      await visit.seesFirst(9000)
      await visit.press('Clear')
      await visit.seesFirst(3)

      await visit.press('Add a banner')
      await visit.fill('Id', '1')
      await visit.fill('Name', 'Autumn sale')
      await visit.press('Save')
      await visit.sees('Banner 1, “Autumn sale”, was added.')
      await visit.press('Autumn sale')
      await visit.fill('Target', 'javascript:alert(1)')
      await visit.press('Save')
      await visit.sees('the target must begin with https:// or http:// and a host')
      await visit.fill('Target', 'https://shop.example/autumn')
      await ask('/banners/1', 'PATCH', { campaign: 'autumn' }, ada)
      await visit.press('Save')
      await visit.sees('Ada changed this banner meanwhile')
      expect(await leadsTo(1)).to.equal(null)
      await visit.press('Save')
      await visit.sees('Banner 1, “Autumn sale”, was changed.')
      expect(await leadsTo(1)).to.equal('https://shop.example/autumn')

      await visit.press('Deactivate Autumn sale')
      await visit.sees('was deactivated.')
      expect(await leadsTo(1)).to.equal(null)
      await visit.press('Undo')
      await visit.sees('is as before: activated.')
      expect(await leadsTo(1)).to.equal('https://shop.example/autumn')

      await visit.press('Import')
      await visit.choose(
        'File',
        'banners.csv',
        `${HEAD}2,two,https://two.example/\r\n4,four,//four.example/\r\n`,
      )
      await visit.sees('line 3')
      await visit.choose('File', 'banners.csv', `${HEAD}2,two,https://two.example/\r\n3,Banner number 1,\r\n`)
      await visit.press('Import 1 banner')
      await visit.sees('The file was imported: 1 banner added, 0 banners changed.')
      await visit.sees('https://two.example/')
      expect((await visit.seesFirst(1)).slice(0, 3)).to.deep.equal([1, 2, 3])
      expect(await leadsTo(2)).to.equal('https://two.example/')

      await visit.press('Autumn sale')
      await visit.press('History')
      await visit.sees('newsroom registered it on')
      await visit.sees('Ada changed it on')
      await visit.press('Close')

      await visit.press('Overview')
      await visit.sees('Most clicked banners, last 7 days')
      expect(await visit.overview()).to.deep.equal({
        today: '3',
        banner: 'Autumn sale 2 new',
        campaign: 'autumn 2 new',
      })
      const inLight = await visit.paper()
      await visit.press('Dark')
      expect(await visit.paper()).to.not.deep.equal(inLight)
      await visit.press('Keyboard shortcuts')
      await visit.sees('Go to Overview')
      await visit.press('Close')
      await visit.type('t')
      await visit.sees('Days begin at midnight, UTC.')
      await visit.type('t')

      await visit.goto(`${service.url}/dashboard#/banner?id=1&range=today&step=hour`)
      await visit.sees('2 clicks')
      const { told, pointed } = await visit.readChart()
      expect(told).to.match(/^\d+ \w+ \d{4}, \d\d:00 – \d\d:00: .*, so far\.$/)
      expect(pointed).to.match(/^\d+ \w+ \d{4}, 1[12]:00 – 1[23]:00/)
      await visit.press('7 days')
      await visit.fill('Zone', 'utc')
      await visit.sees('UTC, by hour')
      await visit.goBack()
      await visit.sees('local time, by hour')
      await visit.press('Banners')
      await visit.press('Log out')
      await visit.sees('Log in with a key to see banners.')
      expect(await ask('/banners/1', 'GET', undefined, ada).then(answer => answer.json())).to.include({
        ...{ name: 'Autumn sale', target: 'https://shop.example/autumn', campaign: 'autumn', isActive: true },
        updatedBy: 'newsroom',
      })
    })
})
