import { expect } from 'chai'
import { JournalError } from '../../../lib/base/errors.ts'
import { MAX_KEY_LENGTH } from '../../../lib/rows/keyed-bulk.ts'
import { TestBanners } from '../../support/banners.ts'
import { expectRawError } from '../../support/http.ts'
import { type RawAnswer, requestText, talk } from '../../support/raw-http.ts'
import { type LaneOptions, type LaneServer, startLane } from '../lane/server.ts'

const EVERY_CHARACTER = String.fromCharCode(...Array.from({ length: 94 }, (_, nth) => 33 + nth))
const TWO = '{"clicks":[{"id":1},{"id":2,"count":5}]}'
const OTHER = '{"clicks":[{"id":1},{"id":2,"count":6}]}'

describe('a bulk with an Idempotency-Key', () => {
  let server: LaneServer
  const servers: LaneServer[] = []
  let keys = 0
  before(async () => {
    server = await start({ banners: new TestBanners().put(9, { isActive: false }).forThread() })
  })
  after(() => Promise.all(servers.map(each => each.stop())))

  /** A server that is stopped in any case: one that is left would keep the run. */
  async function start(options: LaneOptions): Promise<LaneServer> {
    servers.push(await startLane(options))
    return servers.at(-1)!
  }

  const newKey = () => `key-${++keys}`
  const accepted = () =>
    ['validInHalf0', 'validInHalf1'].reduce((sum, name) => sum + server.booked(name as never), 0)
  const keyedPairs = () => server.booked('keyedPairsInHalf0') + server.booked('keyedPairsInHalf1')

  async function post(body: string, ...fields: string[]): Promise<RawAnswer> {
    return (await send(server, body, fields))[0]!
  }

  it('is answered as one without, and counts', async () => {
    const [before, pairsBefore] = [accepted(), keyedPairs()]
    const plain = await post(TWO)
    expect(keyedPairs()).to.equal(pairsBefore)
    const keyed = await post(TWO, `Idempotency-Key: ${newKey()}`)
    const { date: _, ...headers } = keyed.headers
    expect({ status: keyed.status, body: keyed.body }).to.deep.equal({ status: 202, body: '{"accepted":6}' })
    expect(plain.headers).to.deep.include(headers)
    expect(accepted() - before).to.equal(12)
    expect(keyedPairs() - pairsBefore).to.equal(2)
  })

  for (const [what, key] of [
    ['one character', 'a'],
    ['every visible character', EVERY_CHARACTER],
    ['255 characters', 'k'.repeat(MAX_KEY_LENGTH)],
    ['quotes, as of a structured field', '"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    ['a comma', 'a,b'],
    ['__proto__', '__proto__'],
  ] as const)
    it(`may have ${what}`, async () => {
      const field = `Idempotency-Key: ${key}`
      expect((await post(TWO, field)).status).to.equal(202)
      expect((await post(TWO, `idempotency-key:  ${key} `)).status).to.equal(202)
      expectRawError(await post(OTHER, field), 422)
    })

  for (const [what, fields, message] of [
    [
      'an empty one',
      ['Idempotency-Key:'],
      /^Idempotency-Key is "": it must have 1 to 255 visible characters/,
    ],
    ['one of blanks', ['Idempotency-Key:   '], /^Idempotency-Key is ""/],
    ['one that is too long', [`Idempotency-Key: ${'k'.repeat(256)}`], /^Idempotency-Key is "k{40}[^k]/],
    ['one with a blank in it', ['Idempotency-Key: a b'], /^Idempotency-Key is "a b": .* no blanks$/],
    ['one with a tab in it', ['Idempotency-Key: a\tb'], /^Idempotency-Key is "a\\tb"/],
    ['one beyond ASCII', ['Idempotency-Key: caf\xe9'], /^Idempotency-Key is "caf[^k]/],
    ['two', ['Idempotency-Key: a', 'Idempotency-Key: b'], /^Idempotency-Key is there 2 times: send it once$/],
    ['the same twice', ['Idempotency-Key: a', 'IDEMPOTENCY-KEY: a'], /^Idempotency-Key is there 2 times/],
  ] as const)
    it(`with ${what} is refused, and counts nothing`, async () => {
      const before = accepted()
      expect(expectRawError(await post(TWO, ...fields), 400)).to.match(message)
      expect(accepted()).to.equal(before)
    })

  it('that comes again is answered alike: in another order, and with what goes without saying', async () => {
    const field = `Idempotency-Key: ${newKey()}`
    for (const body of [
      TWO,
      TWO,
      '{"clicks":[{"count":3,"id":2},{"id":1,"count":1,"class":"valid"},{"id":2,"count":2}]}',
    ])
      expect((await post(body, field)).body).to.equal('{"accepted":6}')
  })

  it('with the key of another one is refused, and counts nothing', async () => {
    const field = `Idempotency-Key: ${newKey()}`
    expect((await post(TWO, field)).status).to.equal(202)
    const before = accepted()
    for (const body of [
      OTHER,
      '{"clicks":[{"id":1}]}',
      '{"clicks":[{"id":1,"class":"bot"},{"id":2,"count":5}]}',
    ])
      expect(expectRawError(await post(body, field), 422)).to.match(
        /^another bulk was sent with this Idempotency-Key: send each bulk with a key of its own/,
      )
    expect(accepted()).to.equal(before)
    expect((await post(TWO, field)).status).to.equal(202)
  })

  it('that was wrong, or of which nothing counted, leaves its key to the next one', async () => {
    const field = `Idempotency-Key: ${newKey()}`
    expect((await post('{"clicks":[{"id":0}]}', field)).status).to.equal(400)
    expect((await post('{"clicks":[{"id":9}]}', field)).body).to.equal('{"accepted":0}')
    expect((await post(TWO, field)).body).to.equal('{"accepted":6}')
    expect((await post('{"clicks":[{"id":9}]}', field)).status).to.equal(422)
  })

  it('has the same content while its banners end', async () => {
    const banners = new TestBanners().put(1, {}).put(2, {})
    const own = await start({ banners: banners.forThread() })
    const field = ['Idempotency-Key: ends']
    expect((await send(own, TWO, field))[0]!.body).to.equal('{"accepted":6}')
    banners.put(2, { isActive: false })
    expect((await send(own, TWO, field))[0]!.body).to.equal('{"accepted":1}')
    expect((await send(own, OTHER, field))[0]!.status).to.equal(422)
  })

  it('that cannot be kept leaves its key to the next one', async () => {
    let isFailing = true
    const outcome = () => (isFailing ? Promise.reject(new JournalError()) : Promise.resolve())
    const recorder = { record: outcome, recordAll: outcome, recordKeyed: outcome }
    const failing = await start({ recorder })
    const field = ['Idempotency-Key: a']
    const [refused] = await send(failing, TWO, field)
    expectRawError(refused!, 503)
    expect(refused!.headers['retry-after']).to.equal('1')
    isFailing = false
    expect((await send(failing, OTHER, field))[0]!.status).to.equal(202)
    expect((await send(failing, TWO, field))[0]!.status).to.equal(422)
  })

  it('is charged to its sender as one without, each time', async () => {
    const limited = await start({ settings: { CLIENT_CLICKS_PER_MINUTE: '12' } })
    const statuses = [TWO, TWO, TWO].map(
      async body => (await send(limited, body, ['Idempotency-Key: a']))[0]!.status,
    )
    expect((await Promise.all(statuses)).sort()).to.deep.equal([202, 202, 429])
  })

  it('is no other kind of request: single clicks do not read the field', async () => {
    const text = requestText({ headers: ['Idempotency-Key: a b', 'Connection: close'] })
    expect((await talk(server.port, text))[0]!.status).to.equal(204)
  })

  it('may come from pages of any origin, which ask first', async () => {
    const [allowed] = await talk(
      server.port,
      requestText({
        method: 'OPTIONS',
        target: '/counter',
        headers: [
          'Origin: https://shop.example',
          'Access-Control-Request-Method: POST',
          'Access-Control-Request-Headers: content-type,idempotency-key',
          'Connection: close',
        ],
      }),
    )
    expect(allowed!.headers['access-control-allow-headers']).to.equal('content-type,idempotency-key')
    const refused = await post(TWO, 'Idempotency-Key:', 'Origin: https://shop.example')
    expect(refused.headers['access-control-allow-origin']).to.equal('https://shop.example')
  })
})

function send({ port }: LaneServer, body: string, fields: readonly string[]): Promise<RawAnswer[]> {
  const headers = [
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
    ...fields,
  ]
  return talk(port, requestText({ method: 'POST', target: '/counter', headers, body }))
}
