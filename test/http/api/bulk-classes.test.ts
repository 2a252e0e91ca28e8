import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'

const PERSON = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const ROBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const CLASSED = { BOTS: 'class', DUPLICATE_WINDOW: '10' }

describe('classes in bulks', () => {
  let test: HttpTest
  const begin = async (settings: Record<string, string>) => {
    test = await startHttpTest({ settings })
  }
  afterEach(() => test.stop())

  const send = (clicks: object[], headers = {}) =>
    fetch(`${test.thread.url}/counter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ clicks }),
    })
  const statusOf = async (clicks: object[], headers = {}) => (await send(clicks, headers)).status
  /** What is stored of all banners: valid, of bots, duplicates. */
  const stored = async () => {
    await test.thread.flush()
    const answer = await fetch(`${test.thread.url}/stats?from=2024-12-12&to=2024-12-13`)
    const { banners } = (await answer.json()) as { banners: Record<string, number>[] }
    return Object.fromEntries(
      banners.map(({ bannerId, total, bots, duplicates }) => [bannerId, [total, bots, duplicates]]),
    )
  }

  it('are what the entries say', async () => {
    await begin({})
    const entries = [
      { id: 1, count: 5 },
      { id: 1, count: 3, class: 'bot' },
      { id: 1, class: 'duplicate' },
      { id: 2, count: 7, class: 'duplicate' },
      { id: 1, count: 2, class: 'valid' },
    ]
    const answer = await send(entries)
    expect([answer.status, await answer.json()]).to.deep.equal([202, { accepted: 18 }])
    expect(await stored()).to.deep.equal({ 1: [7, 3, 1], 2: [0, 0, 7] })
  })

  it('are those that the clients’ clicks would have had, were they sent here', async () => {
    await begin(CLASSED)
    const of = (id: number, userAgent: string, ip: string) => ({ id, userAgent, ip })
    const entries = [
      of(1, PERSON, '192.0.2.1'),
      of(1, PERSON, '192.0.2.1'),
      of(1, PERSON, '192.0.2.2'),
      of(1, `${PERSON} ☃`, '192.0.2.1'),
      // As a header with blanks around its value.
      of(1, `\t${PERSON} `, '192.0.2.1'),
      of(2, PERSON, '192.0.2.1'),
      // The same network of one customer.
      of(3, PERSON, '2001:db8::1'),
      of(3, PERSON, '2001:DB8::ffff'),
      of(4, ROBOT, '192.0.2.1'),
      of(4, '', '192.0.2.1'),
    ]
    expect(await statusOf(entries)).to.equal(202)
    expect(await stored()).to.deep.equal({ 1: [3, 0, 2], 2: [1, 0, 0], 3: [1, 0, 1], 4: [0, 2, 0] })
    // One client by itself, and forwarded, within the window. fetch sends no other address than this one.
    await fetch(`${test.thread.url}/counter/5`, { headers: { 'user-agent': PERSON } })
    expect(await statusOf([of(5, PERSON, '127.0.0.1'), of(5, PERSON, '::ffff:127.0.0.1')])).to.equal(202)
    expect(await stored()).to.deep.include({ 5: [1, 0, 2] })
  })

  it('are all valid where no setting asks, but for those that are said', async () => {
    await begin({})
    const twice = { id: 1, userAgent: ROBOT, ip: '192.0.2.1' }
    expect(await statusOf([twice, twice, { id: 1, class: 'bot' }])).to.equal(202)
    expect(await stored()).to.deep.equal({ 1: [2, 1, 0] })
  })

  it('leave no note of a bulk that is refused, neither for what it says nor for want of room', async () => {
    await begin(CLASSED)
    const click = { id: 1, userAgent: PERSON, ip: '192.0.2.1' }
    expect(await statusOf([click, { id: 0 }])).to.equal(400)
    test.thread.refuseClicks(true)
    expect(await statusOf([click, { id: 2, class: 'bot' }])).to.equal(503)
    test.thread.refuseClicks(false)
    expect(await statusOf([click])).to.equal(202)
    expect(await stored()).to.deep.equal({ 1: [1, 0, 0] })
  })

  it('leave no note of a bulk with more banners than a minute holds', async () => {
    await begin(CLASSED)
    const entries = Array.from({ length: 1025 }, (_, nth) => ({
      ...{ id: 1 + nth, userAgent: PERSON, ip: '192.0.2.1' },
    }))
    expect(await statusOf(entries)).to.equal(413)
    expect(await statusOf(entries.slice(0, 2))).to.equal(202)
    expect(await stored()).to.deep.equal({ 1: [1, 0, 0], 2: [1, 0, 0] })
  })

  it('are no way past the limit of whoever sends them without a key', async () => {
    await begin({ CLIENT_CLICKS_PER_MINUTE: '10' })
    expect(await statusOf([{ id: 1, count: 6 }])).to.equal(202)
    const tooMany = await send([{ id: 1, count: 5 }])
    expect(tooMany.status).to.equal(429)
    expect(Number(tooMany.headers.get('retry-after'))).to.be.within(1, 60)
    // It had no right to all five, and takes none of what is left.
    expect(await statusOf([{ id: 1, count: 4 }])).to.equal(202)
    expect(await statusOf([{ id: 1 }])).to.equal(429)
    // Before it is read: nobody finds that it is no bulk.
    expect(await statusOf([{ id: 0 }])).to.equal(429)
    expect((await fetch(`${test.thread.url}/counter/1`)).status).to.equal(429)
    const { clicks } = await test.health()
    expect(clicks.refused.limit).to.equal(5 + 1 + 1 + 1)
    expect(await stored()).to.deep.equal({ 1: [10, 0, 0] })
  })

  it('are their proxy’s when X-Forwarded-For is malformed, which is counted once', async () => {
    await begin({ ...CLASSED, CLIENT_CLICKS_PER_MINUTE: '10', TRUSTED_PROXIES: '127.0.0.1' })
    expect(await statusOf([{ id: 1, count: 10 }], { 'x-forwarded-for': 'nobody' })).to.equal(202)
    expect((await test.health()).http.malformedForwarded).to.equal(1)
    expect(await statusOf([{ id: 1 }], { 'x-forwarded-for': '192.0.2.1' })).to.equal(202)
    expect(await statusOf([{ id: 1 }])).to.equal(429)
  })

  it('are limited in size to what the sender may send in a minute, which waiting would not change', async () => {
    await begin({ CLIENT_CLICKS_PER_MINUTE: '10' })
    const answer = await send([{ id: 1, count: 11 }])
    expect(answer.status).to.equal(413)
    expect(((await answer.json()) as { message: string }).message).to.equal(
      'the bulk has 11 clicks, and 10 a minute may come from your address: send fewer at once',
    )
    expect(await statusOf([{ id: 1, count: 10 }])).to.equal(202)
    expect((await test.health()).clicks.refused.limit).to.equal(11)
  })

  it('are not limited for a key with the scope count', async () => {
    await begin({ CLIENT_CLICKS_PER_MINUTE: '10' })
    const key = newKey(['count'])
    test.thread.keyring.replace(snapshotOf([key]))
    const authorization = `Bearer ${key.text}`
    for (let nth = 0; nth < 3; nth++)
      expect(await statusOf([{ id: 1, count: 100 }], { authorization })).to.equal(202)
    expect(await statusOf([{ id: 1, count: 1 }])).to.equal(401)
  })
})
