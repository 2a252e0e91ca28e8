import type { IncomingHttpHeaders } from 'node:http'
import { expect } from 'chai'
import { readConfig } from '../../../lib/config/read.ts'
import { FactReader, type WantedField, wantedFields } from '../../../lib/http/entrance/facts.ts'
import { meaningfulFields } from '../../../lib/http/lane/fields.ts'
import { hotRequestParser } from '../../../lib/http/lane/hot-request.ts'
import { environmentOf, type Settings } from '../../support/settings.ts'

const SHOP = 'https://shop.example'
/** With no setting that asks for more. */
const facts = new FactReader([])

describe('the header fields that the hot lane may not pass unread', () => {
  const fields = meaningfulFields(facts.fields)

  it('are all that change where a request ends or what becomes of its connection, and what the rules read', () => {
    expect([...fields].sort()).to.deep.equal([
      ...[
        'accept',
        'connection',
        'content-length',
        'expect',
        'host',
        'http2-settings',
        'keep-alive',
        'origin',
      ],
      ...['proxy-connection', 'purpose', 'sec-purpose', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
      ...['x-moz', 'x-purpose'],
    ])
  })

  for (const wanted of [
    [],
    ['user-agent'],
    ['user-agent', 'x-forwarded-for', 'authorization'],
  ] as WantedField[][])
    it(`are those that a rule in force reads, and no rule reads another, with [${wanted}]`, () => {
      const reader = new FactReader(wanted)
      const read = new Set<string>()
      reader.read(
        new Proxy<IncomingHttpHeaders>(
          {},
          {
            get(_headers, name) {
              read.add(String(name))
              return undefined
            },
          },
        ),
      )
      expect([...read].sort()).to.deep.equal([...reader.fields].sort())
      expect(meaningfulFields(reader.fields)).to.have.members([...fields, ...wanted])
    })

  it('are listed once each, also where two rules read the same', () => {
    const twice = meaningfulFields([...facts.fields, 'user-agent', 'user-agent', 'host'])
    expect(twice).to.have.lengthOf(new Set(twice).size)
    expect(twice).to.have.lengthOf(fields.length + 1)
    expect(new Set(facts.fields)).to.have.lengthOf(facts.fields.length)
  })

  const heads = (field: string) => [
    `GET /counter/1 HTTP/1.1\r\nHost: counter\r\n${field}: x\r\n\r\n`,
    `GET /counter/1 HTTP/1.1\r\n${field.toUpperCase()}:x\r\nHost: counter\r\n\r\n`,
  ]

  for (const field of fields.filter(name => name !== 'accept'))
    it(`have the lane leave a head to Node's parser: ${field}`, () => {
      const parse = hotRequestParser(facts)
      for (const text of heads(field)) expect(parse(text, 0, null)).to.equal(null)
    })

  it('have the lane read one Accept itself, and leave two to Node’s parser, which joins them', () => {
    const parse = hotRequestParser(facts)
    const wish = (lines: string) =>
      parse(`GET /click/1 HTTP/1.1\r\n${lines}Host: counter\r\n\r\n`, 0, null)?.head.facts.wantsPage
    expect(['', 'Accept: */*\r\n', 'Accept: text/html\r\n'].map(wish)).to.deep.equal([false, false, true])
    for (const [first, second] of [
      ['*/*', 'text/html'],
      ['text/html', '*/*'],
      ['', ''],
    ])
      expect(wish(`Accept: ${first}\r\nA: b\r\naccept:${second}\r\n`)).to.equal(undefined)
  })

  it('are read once for a head that a connection sends again', () => {
    const parse = hotRequestParser(facts)
    const text = `GET /counter/1 HTTP/1.1\r\nOrigin: ${SHOP}\r\nHost: counter\r\n\r\n`
    const { head } = parse(text, 0, null)!
    expect(parse(text, 0, null)!.head.facts).not.to.equal(head.facts)
    expect(parse(text, 0, head)!.head.facts).to.equal(head.facts)
    expect(parse(text.replace(SHOP, `${SHOP}:8080`), 0, head)!.head.facts.origin).to.equal(`${SHOP}:8080`)
  })

  it('grow with a setting that wants more: Authorization is left to Node’s parser', () => {
    const strict = hotRequestParser(new FactReader(['authorization']))
    for (const text of heads('Authorization')) {
      expect(hotRequestParser(facts)(text, 0, null)?.line.bannerId).to.equal(1)
      expect(strict(text, 0, null)).to.equal(null)
    }
  })

  it('have the lane read one User-Agent and one X-Forwarded-For itself, and leave two to Node’s parser', () => {
    const parse = hotRequestParser(new FactReader(['user-agent', 'x-forwarded-for']))
    const read = (lines: string) => {
      const head = parse(`GET /counter/1 HTTP/1.1\r\n${lines}Host: counter\r\n\r\n`, 0, null)?.head
      return head && [head.facts.userAgent, head.facts.forwardedFor]
    }
    expect(read('')).to.deep.equal(['', undefined])
    expect(read('USER-AGENT: \t a b\xa0\t \r\nx-forwarded-for:1.1.1.1\r\n')).to.deep.equal([
      'a b\xa0',
      '1.1.1.1',
    ])
    expect(read('user-agent:\r\nX-Forwarded-For: \t\r\n')).to.deep.equal(['', ''])
    for (const name of ['User-Agent', 'X-Forwarded-For'])
      for (const values of ['1.1.1.1 1.1.1.1', ' a', 'a ', ' '])
        expect(
          read(
            values
              .split(' ')
              .map(value => `${name}:${value}\r\n`)
              .join('A: b\r\n'),
          ),
        ).to.equal(undefined)
    // Without a setting that wants them, they are harmless.
    const text = 'GET /counter/1 HTTP/1.1\r\nHost: counter\r\nUser-Agent: a\r\nUser-Agent: b\r\n\r\n'
    expect(hotRequestParser(facts)(text, 0, null)?.head.facts.userAgent).to.equal('')
  })
})

describe('the facts about clients', () => {
  const AGENT = 'user-agent'
  const ADDRESS = 'x-forwarded-for'
  const KEY = 'authorization'
  const proxied = { TRUSTED_PROXIES: '127.0.0.1' }
  const ranges = { BOTS: 'class', BOT_ADDRESSES_FILE: '/ranges' }
  const cases: readonly [Settings, readonly WantedField[]][] = [
    [{}, []],
    [proxied, []],
    [{ BOTS: 'class' }, [AGENT]],
    [{ BOTS: 'class', ...proxied }, [AGENT]],
    [{ BOTS: 'class', BOT_PATTERNS_FILE: '/patterns', ...proxied }, [AGENT]],
    [ranges, [AGENT]],
    [{ ...ranges, ...proxied }, [AGENT, ADDRESS]],
    [{ DUPLICATE_WINDOW: '10' }, [AGENT]],
    [{ DUPLICATE_WINDOW: '10', ...proxied }, [AGENT, ADDRESS]],
    [{ CLIENT_CLICKS_PER_MINUTE: '1' }, [KEY]],
    [{ CLIENT_CLICKS_PER_MINUTE: '1', ...proxied }, [ADDRESS, KEY]],
    [{ DUPLICATE_WINDOW: '1', CLIENT_CLICKS_PER_MINUTE: '1', ...proxied }, [AGENT, ADDRESS, KEY]],
  ]
  for (const [settings, wanted] of cases)
    it(`are [${wanted}] with ${JSON.stringify(settings)}`, () => {
      const { config } = readConfig({ env: environmentOf(settings), cwd: '/', cores: 1 })
      expect(wantedFields(config)).to.deep.equal(wanted)
    })
})
