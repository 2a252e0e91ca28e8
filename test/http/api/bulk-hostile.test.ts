import { expect } from 'chai'
import fc from 'fast-check'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
const PER_MINUTE = 10_000
const JSON_TYPE = 'Content-Type: application/json'

const good = fc.oneof(
  fc.record({ id: fc.integer({ min: 1, max: 5 }), class: fc.constantFrom('valid', 'bot', 'duplicate') }),
  fc.record({ id: fc.integer({ min: 1, max: 5 }), userAgent: fc.constant(BROWSER), ip: fc.ipV4() }),
)
const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('192.0.2.1:80', '192.0.2.0/24', '[::1]', 'fe80::1%eth0', '1.2.3', '0x7f.1', ' ::1', '\0'),
)
/** Each has one thing that is wrong, and the name that the message has for it. */
const bad = fc.oneof(
  fc.record({
    entry: strange
      .filter(ip => typeof ip !== 'string' || !/^[\d.a-f:]*$/i.test(ip))
      .map(ip => ({ id: 1, userAgent: BROWSER, ip })),
    name: fc.constant('ip'),
  }),
  fc.record({
    entry: fc
      .jsonValue()
      .filter(isNoText)
      .map(userAgent => ({ id: 1, userAgent, ip: '192.0.2.1' })),
    name: fc.constant('userAgent'),
  }),
  fc.record({ entry: strange.map(name => ({ id: 1, class: name })), name: fc.constant('class') }),
  fc.constantFrom(
    { entry: { id: 1, userAgent: BROWSER }, name: 'ip' },
    { entry: { id: 1, ip: '192.0.2.1' }, name: 'userAgent' },
    { entry: { id: 1, userAgent: BROWSER, ip: '192.0.2.1', count: 1 }, name: 'count' },
    { entry: { id: 1, userAgent: BROWSER, ip: '192.0.2.1', class: 'valid' }, name: 'class' },
    { entry: { id: 1, userAgent: 'x'.repeat(8193), ip: '192.0.2.1' }, name: 'userAgent' },
  ),
)

describe('a hostile bulk', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest({
      settings: { BOTS: 'class', DUPLICATE_WINDOW: '60', CLIENT_CLICKS_PER_MINUTE: String(PER_MINUTE) },
    })
  })
  after(() => test.stop())

  const post = (clicks: unknown) =>
    fetch(`${test.thread.url}/counter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clicks }),
    })

  it('is refused by the place and the name of its first mistake, and leaves neither a note nor a charge', async () => {
    const property = fc.asyncProperty(
      fc.array(good, { maxLength: 4 }),
      bad,
      async (entries, { entry, name }) => {
        const response = await post([...entries, entry])
        const message = expectError(response.status, await response.text(), 400)
        expect(message).to.match(new RegExp(`^clicks\\[${entries.length}\\]\\.${name} is .+: it must be `))
        expect(message.length).to.be.lessThan(250)
      },
    )
    await fc.assert(property, { numRuns: 150 })
    // Whoever was named in them has no note, and the sender has all of its minute left.
    const click = { id: 1, userAgent: BROWSER, ip: '192.0.2.1' }
    expect((await post([click, { id: 9, count: PER_MINUTE - 1 }])).status).to.equal(202)
    expect((await post([click])).status).to.equal(429)
    await test.thread.flush()
    const { clicks } = await test.health()
    expect(clicks.byClass).to.deep.equal({ valid: PER_MINUTE, bot: 0, duplicate: 0 })
  })

  it('of a client that has no click left is not even read, and the connection goes on', async () => {
    // Whoever read it would find that it is no bulk.
    const body = 'x'.repeat(8000)
    const refused = requestText({
      ...{ method: 'POST', target: '/counter', body },
      headers: [JSON_TYPE, `Content-Length: ${body.length}`],
    })
    const live = requestText({ target: '/health/live', headers: ['Connection: close'] })
    const answers = await talk(test.thread.port, refused + live)
    expect(answers.map(({ status }) => status)).to.deep.equal([429, 200])
  })
})

function isNoText(value: unknown): boolean {
  return typeof value !== 'string'
}
