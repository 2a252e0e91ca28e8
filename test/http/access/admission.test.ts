import { mock } from 'node:test'
import { expect } from 'chai'
import { makeKeyText } from '../../../lib/access/key-text.ts'
import { SCOPES } from '../../../lib/access/scopes.ts'
import { expectRawError } from '../../support/http.ts'
import { accessOf, NO_KEYS, newKey, snapshotOf } from '../../support/keys.ts'
import { type RawAnswer, requestText, talk } from '../../support/raw-http.ts'
import { watch } from '../../support/worker.ts'
import { type LaneServer, startLane } from '../lane/server.ts'

const ADMIN_KEY = 'an admin key of 32 characters ok'.replaceAll(' ', '-')
const operator = newKey(['operate'])
const expired = newKey(SCOPES, Date.parse('2026-01-02T03:04:05Z'))

describe('a key', () => {
  let access: ReturnType<typeof accessOf>
  let server: LaneServer
  beforeEach(async () => {
    access = accessOf()
    access.keyring.replace(snapshotOf([operator, expired]))
    server = await startLane({
      access,
      settings: { HEALTH_IS_PUBLIC: 'false', TRUSTED_PROXIES: '127.0.0.1' },
    })
  })
  afterEach(() => server.stop())

  async function ask(target: string, ...headers: string[]): Promise<RawAnswer> {
    const [answer] = await talk(
      server.port,
      requestText({ target, headers: [...headers, 'Connection: close'] }),
    )
    return answer!
  }

  /** The message of the 401. */
  async function refusal(...headers: string[]): Promise<string> {
    return expectRawError(await ask('/metrics', ...headers), 401)
  }

  for (const header of [
    `Authorization: Bearer ${operator.text}`,
    `authorization: bearer ${operator.text}`,
    `AUTHORIZATION:BEARER   ${operator.text}  `,
    `Authorization:\tBearer ${operator.text}\t`,
  ])
    it(`is taken from ${JSON.stringify(header.replace(operator.text, '…'))}`, async () => {
      expect((await ask('/metrics', header)).status).to.equal(200)
      expect(access.used).to.deep.equal([operator.id])
    })

  for (const header of [
    `Authorization: ${operator.text}`,
    `Authorization: Bearer${operator.text}`,
    `Authorization: Token ${operator.text}`,
    `Authorization: Bearer ${operator.text} ${operator.text}`,
    `Authorization: Bearer ${operator.text},`,
    `Authorization: Bearer "${operator.text}"`,
    `Authorization: Bearer\t${operator.text}`,
    `Authorization: Bearer ${operator.text.toLowerCase()}`,
    `Authorization: Bearer \xa0${operator.text}`,
    'Authorization: Bearer',
    'Authorization:',
    `Cookie: key=${operator.text}`,
    `X-Api-Key: ${operator.text}`,
    `Proxy-Authorization: Bearer ${operator.text}`,
  ])
    it(`is not taken from ${JSON.stringify(header.replaceAll(operator.text, '…'))}`, async () => {
      await refusal(header)
      expect(access.used).to.deep.equal([])
    })

  it('is never taken from the address', async () => {
    for (const name of ['access_token', 'key', 'token', 'api_key'])
      expectRawError(await ask(`/metrics?${name}=${operator.text}`), 401)
  })

  it('is not chosen among several headers', async () => {
    const right = `Authorization: Bearer ${operator.text}`
    for (const other of [right, 'Authorization: Bearer cck_1', 'authorization: Basic YQ==', 'Authorization:'])
      for (const headers of [
        [right, other],
        [other, right],
      ])
        expect(expectRawError(await ask('/metrics', ...headers), 400)).to.include('one Authorization header')
  })

  it('with a control byte is no HTTP', async () => {
    for (const byte of ['\0', '\x01', '\x1f', '\x7f']) {
      const { status } = await ask('/metrics', `Authorization: Bearer ${operator.text}${byte}`)
      expect(status, JSON.stringify(byte)).to.be.oneOf([400, 401])
    }
    expect(access.used).to.deep.equal([])
  })

  it('that is too long is refused without being hashed', async () => {
    const find = access.keyring.find.bind(access.keyring)
    const looked: number[] = []
    access.keyring.find = text => {
      looked.push(text.length)
      return find(text)
    }
    expect(await refusal(`Authorization: Bearer ${'a'.repeat(1024)}`)).to.include('mistyped')
    expect(await refusal(`Authorization: Bearer ${'a'.repeat(1025)}`)).to.include('too long')
    expect(await refusal(`Authorization: Bearer ${'a'.repeat(30_000)}`)).to.include('too long')
    expect(looked).to.deep.equal([1024])
  })

  it('says what is wrong with it, as far as strangers may know it', async () => {
    const wrong = makeKeyText()
    const messageTo = (text: string) => refusal(`Authorization: Bearer ${text}`)
    expect(await refusal()).to.include('Authorization: Bearer cck_')
    expect(await messageTo(`${wrong.slice(0, -1)}_`)).to.include('is mistyped')
    expect(await messageTo(wrong.slice(0, -1))).to.include('is mistyped')
    expect(await messageTo(expired.text)).to.include('expired at 2026-01-02T03:04:05.000Z')
    const unknown = await messageTo(wrong)
    expect(unknown).to.include('not in force')
    access.keyring.replace(snapshotOf([newKey(['read'])]))
    expect(await messageTo(operator.text)).to.equal(unknown)
  })

  it('is ignored for counting and reading while there is none', async () => {
    access.keyring.replace(NO_KEYS)
    const text = requestText({
      method: 'POST',
      target: '/counter',
      headers: [
        'Authorization: Basic YQ==',
        'Content-Type: text/plain',
        'Connection: close',
        'Content-Length: 21',
      ],
      body: '{"clicks":[{"id":1}]}',
    })
    expect((await talk(server.port, text)).map(({ status }) => status)).to.deep.equal([202])
    expectRawError(await ask('/metrics', `Authorization: Bearer ${makeKeyText()}`), 403)
    expect(server.booked('keysFailed')).to.equal(0)
  })

  it('that has expired is the last, and the service stays closed', async () => {
    access.keyring.replace(snapshotOf([expired]))
    const text = requestText({ method: 'POST', target: '/counter', headers: ['Connection: close'] })
    expectRawError((await talk(server.port, text))[0]!, 401)
  })

  it('that is wrong is limited by client and counted, and one in force is served all the same', async () => {
    const bearer = (text: string) => `Authorization: Bearer ${text}`
    const from = (client: string) => `X-Forwarded-For: ${client}`
    for (let nth = 0; nth < 10; nth++) await refusal(bearer(makeKeyText()), from('192.0.2.1'))
    const limited = await ask('/metrics', bearer(makeKeyText()), from('192.0.2.1'))
    expect(expectRawError(limited, 429)).to.include('too many wrong keys')
    expect(Number(limited.headers['retry-after'])).to.be.within(50, 60)
    expect((await ask('/metrics', bearer(operator.text), from('192.0.2.1'))).status).to.equal(200)
    expectRawError(await ask('/metrics', bearer(makeKeyText()), from('192.0.2.1')), 429)
    expectRawError(await ask('/metrics', from('192.0.2.1')), 401)
    await refusal(bearer(makeKeyText()), from('192.0.2.2'))
    expect([server.booked('keysFailed'), server.booked('keysLimited')]).to.deep.equal([13, 2])
  })

  it('that is wrong is limited by network, where clients choose their addresses', async () => {
    const bearer = () => `Authorization: Bearer ${makeKeyText()}`
    const from = (host: number) => `X-Forwarded-For: 2001:db8::${host.toString(16)}`
    for (let nth = 0; nth < 10; nth++) await refusal(bearer(), from(nth))
    expectRawError(await ask('/metrics', bearer(), from(10)), 429)
    await refusal(bearer(), 'X-Forwarded-For: 2001:db8:0:1::1')
  })

  it('in the setting ADMIN_KEY has every scope, and closes before anything else is known', async () => {
    const admin = accessOf(ADMIN_KEY)
    const closed = await startLane({ access: admin, settings: { HEALTH_IS_PUBLIC: 'false' } })
    const asked = async (...headers: string[]) => {
      const text = requestText({ target: '/metrics', headers: [...headers, 'Connection: close'] })
      return (await talk(closed.port, text))[0]!
    }
    expect((await asked(`Authorization: Bearer ${ADMIN_KEY}`)).status).to.equal(200)
    expectRawError(await asked(), 401)
    expectRawError(await asked('Authorization: Bearer nonsense'), 401)
    // It may be in force: Postgres has not been asked.
    expectRawError(await asked(`Authorization: Bearer ${operator.text}`), 503)
    admin.keyring.replace(NO_KEYS)
    expectRawError(await asked(`Authorization: Bearer ${operator.text}`), 401)
    await closed.stop()
  })

  it('is waited for while nothing is known, by all requests together', async () => {
    let refreshes = 0
    const known = Promise.withResolvers<void>()
    const starting = accessOf()
    const refresh = () => {
      refreshes++
      return known.promise
    }
    const started = await startLane({
      access: { ...starting, refresh },
      settings: { HEALTH_IS_PUBLIC: 'false' },
    })
    const text = requestText({
      target: '/metrics',
      headers: [`Authorization: Bearer ${operator.text}`, 'Connection: close'],
    })
    const answers = Promise.all([talk(started.port, text), talk(started.port, text)])
    await talk(started.port, requestText({ target: '/health/live', headers: ['Connection: close'] }))
    starting.keyring.replace(snapshotOf([operator]))
    known.resolve()
    expect((await answers).map(([answer]) => answer!.status)).to.deep.equal([200, 200])
    expect(refreshes).to.equal(1)
    await started.stop()
  })

  it('is not waited for longer than 5 s', async () => {
    const never = new Promise<void>(() => {})
    const starting = await startLane({ access: { ...accessOf(), refresh: () => never } })
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const answered = watch(
        talk(starting.port, requestText({ target: '/keys', headers: ['Connection: close'] })),
      )
      const live = requestText({ target: '/health/live', headers: ['Connection: close'] })
      await talk(starting.port, live)
      mock.timers.tick(4999)
      await talk(starting.port, live)
      expect(answered.isDone).to.equal(false)
      mock.timers.tick(1)
      const [answer] = await answered.done
      expectRawError(answer!, 503)
    } finally {
      mock.timers.reset()
      await starting.stop()
    }
  })
})
