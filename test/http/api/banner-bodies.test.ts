import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type BannersTest, manager, messageOf, reader, startBannersTest } from './banners-support.ts'

const good = { name: 'a' }
const text = (body: object) => JSON.stringify({ ...good, ...body })

/** Bodies of PUT and PATCH, and what is wrong with them. */
const wrong: Record<string, { body: string; says: RegExp }> = {
  'nothing in it': { body: '', says: /must be JSON/ },
  'half of a JSON': { body: '{"name":"a"', says: /must be JSON/ },
  'a list': { body: '[{"name":"a"}]', says: /JSON object/ },
  'lists in lists': { body: '['.repeat(30_000), says: /must be JSON/ },
  'lists in lists for labels': {
    body: text({ labels: JSON.parse('['.repeat(500) + ']'.repeat(500)) }),
    says: /labels/,
  },
  null: { body: 'null', says: /JSON object|must be of type object/ },
  'a text': { body: '"a"', says: /JSON object/ },
  'a number for a name': { body: text({ name: 7 }), says: /"name" must be a string/ },
  'an empty name': { body: text({ name: '' }), says: /"name" has 1 to 200 characters/ },
  'a long name': { body: text({ name: 'a'.repeat(201) }), says: /"name" has 1 to 200 characters/ },
  'a NUL in the name': {
    body: '{"name":"a\\u0000b"}',
    says: /"name" has 1 to 200 characters, no line breaks/,
  },
  'a NUL in a label': { body: text({ labels: ['\0'] }), says: /"labels\[0\]" has 1 to 50/ },
  'a NUL in the campaign': { body: text({ campaign: '\0' }), says: /"campaign" has 1 to 100/ },
  'a NUL in the target': { body: text({ target: 'https://a.example/\0' }), says: /control character/ },
  'half of a character in the name': { body: '{"name":"\\ud83d"}', says: /"name" has 1 to 200/ },
  'text that turns around': { body: text({ name: 'a\u202eb' }), says: /"name" has 1 to 200/ },
  'a script for a target': { body: text({ target: 'javascript:alert(1)' }), says: /https:\/\/ or http:\/\// },
  'a target without a scheme': { body: text({ target: '//shop.example' }), says: /https:\/\/ or http:\/\// },
  'a target with a user': { body: text({ target: 'https://a@b.example' }), says: /user name/ },
  'a target in a list': { body: text({ target: ['https://a.example'] }), says: /"target" must be a string/ },
  'a huge number for an id': { body: text({ id: 1e300 }), says: /"id" is a whole number/ },
  'another id': { body: text({ id: 8 }), says: /the body is of banner 8 and the path of 7/ },
  'a text for an id': { body: text({ id: '7' }), says: /"id" is a whole number/ },
  'a text for a flag': { body: text({ isActive: 'false' }), says: /"isActive" must be a boolean/ },
  'null for a flag': { body: text({ isActive: null }), says: /"isActive" must be a boolean/ },
  '10 000 labels': { body: text({ labels: Array(10_000).fill('x') }), says: /must not be longer than|20/ },
  '21 labels': {
    body: text({ labels: Array(21).fill('x') }),
    says: /"labels" must contain less than or equal to 20/,
  },
  'a long label': { body: text({ labels: ['x'.repeat(51)] }), says: /"labels\[0\]" has 1 to 50/ },
  'a label with the separator': { body: text({ labels: ['a|b'] }), says: /no \|/ },
  'an ampersand in passQuery': { body: text({ passQuery: ['a&b'] }), says: /"passQuery\[0\]" has 1 to 100/ },
  'a number for a time': { body: text({ activeFrom: 1e12 }), says: /"activeFrom" must be a time/ },
  'no day of the calendar': {
    body: text({ activeUntil: '2026-02-30' }),
    says: /"activeUntil" must be a time/,
  },
  'an end before its beginning': {
    body: text({ activeFrom: '2027-01-01', activeUntil: '2026-01-01' }),
    says: /"activeFrom" must be before "activeUntil"/,
  },
  'a field that is none': {
    body: text({ tags: [] }),
    says: /"tags" is no field of a banner: they are id, name/,
  },
  'the name of a prototype': {
    body: '{"name":"a","__proto__":{"isActive":false}}',
    says: /__proto__|must be JSON/,
  },
  'a constructor': { body: '{"name":"a","constructor":{}}', says: /"constructor" is no field/ },
}

describe('the body of a banner', () => {
  let banners: BannersTest
  let version: string
  before(async () => {
    banners = await startBannersTest()
    const answer = await banners.ask('/7', { method: 'PUT', body: good })
    version = ((await answer.json()) as { version: string }).version
  })
  after(() => banners.stop())
  afterEach(async () => {
    expect(await (await banners.ask('/7')).json(), 'nothing was changed').to.include({ version })
  })

  const send = (method: string, body: unknown, headers: Record<string, string> = {}) =>
    banners.ask('/7', { method, body, headers })

  for (const [what, { body, says }] of Object.entries(wrong))
    it(`with ${what} is refused, and the message says what would be right`, async () => {
      for (const method of ['PUT', 'PATCH']) {
        const answer = await send(method, body)
        const message = await messageOf(answer, 400)
        expect(message).to.match(says)
        expect(message.length).to.be.below(600)
      }
    })

  it('needs a name with PUT alone', async () => {
    expect(await messageOf(await send('PUT', {}), 400)).to.include('"name" is required')
    expect((await send('PATCH', {})).status).to.equal(200)
  })

  it('is JSON in UTF-8, and says so', async () => {
    for (const method of ['PUT', 'PATCH']) {
      for (const type of [
        'text/plain',
        'text/csv',
        'application/x-ndjson',
        'application/x-www-form-urlencoded',
      ])
        expect(await messageOf(await send(method, good, { 'content-type': type }), 415)).to.include(
          'application/json',
        )
      for (const bytes of [Buffer.from('{"name":"\xe9"}', 'latin1'), Buffer.from('{"name":"a"}', 'utf16le')])
        expect(await messageOf(await send(method, bytes), 400)).to.include('UTF-8')
    }
  })

  it('is not taken for JSON when it has no type', async () => {
    // A Blob without a type is sent without one: also by pages of others, and without a preflight.
    const answer = await fetch(`${banners.test.thread.url}/banners/7`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${manager.text}` },
      body: new Blob([JSON.stringify(good)]),
    })
    expect(await messageOf(answer, 415)).to.include('application/json')
  })

  it('may be compressed with gzip, and with nothing else', async () => {
    const packed = (encoding: string, bytes = gzipSync(JSON.stringify(good))) =>
      send('PUT', bytes, { 'content-encoding': encoding })
    expect((await packed('gzip')).status).to.equal(200)
    expect(await messageOf(await packed('br'), 415)).to.include('gzip')
    expect(await messageOf(await packed('gzip', Buffer.from('{}')), 400)).to.include('whole gzip')
    const long = gzipSync(`${' '.repeat(2 ** 24)}{}`)
    expect(await messageOf(await packed('gzip', long), 413)).to.include('65536')
  })

  it('may have 64 KiB', async () => {
    expect((await send('PUT', JSON.stringify(good).padEnd(65_536))).status).to.equal(200)
    expect(await messageOf(await send('PUT', JSON.stringify(good).padEnd(65_537)), 413)).to.include('65536')
  })

  it('means the last one when a name stands there twice', async () => {
    expect((await send('PATCH', '{"name":"b","name":"a"}')).status).to.equal(200)
    expect(await messageOf(await send('PATCH', '{"name":"a","name":7}'), 400)).to.include('"name"')
  })

  it('is read with the key of who may change banners', async () => {
    const ask = (key: typeof reader | null) => banners.ask('/7', { method: 'PUT', body: { name: 'b' }, key })
    expect(await messageOf(await ask(reader), 403)).to.include('manage')
    expect((await ask(null)).status).to.equal(401)
  })
})
