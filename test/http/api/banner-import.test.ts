import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type BannersTest, manager, messageOf, startBannersTest } from './banners-support.ts'

const NDJSON = 'application/x-ndjson'
const one = { id: 1, name: 'Autumn sale', target: 'https://shop.example/' }
const two = { id: 2, name: 'Winter sale', labels: ['mobile', 'wide'] }
const line = (body: object) => `${JSON.stringify(body)}\n`
const CSV = 'name,id,target,labels\r\nAutumn sale,1,https://shop.example/,\r\nWinter sale,2,,mobile|wide\r\n'

/** Files that are refused as a whole. */
const wrong: Record<string, { type: string; body: string | Buffer; says: RegExp }> = {
  'nothing, as JSON': { type: 'application/json', body: '', says: /line 1: the file is empty/ },
  'nothing, as CSV': { type: 'text/csv', body: '', says: /line 1/ },
  'an object': { type: 'application/json', body: '{"banners":[]}', says: /line 1: .*\[/ },
  'half of an array': { type: 'application/json', body: `[${line(one)},`, says: /cut off/ },
  'a wrong second line': {
    type: NDJSON,
    body: line(one) + line({ id: 2 }),
    says: /^line 2: "name" is required/,
  },
  'a wrong entry': {
    type: 'application/json',
    body: `[${line(one)}\n,{"id":0,"name":"a"}]`,
    says: /^line 3, entry 2: "id"/,
  },
  'the same id twice': {
    type: NDJSON,
    body: line(one) + line(two) + line(one),
    says: /^line 3: banner 1 is there already, in line 1/,
  },
  'a NUL': { type: NDJSON, body: line({ ...one, name: 'a\0' }), says: /^line 1: "name" has 1 to 200/ },
  'a prototype': { type: NDJSON, body: '{"id":1,"name":"a","__proto__":{}}\n', says: /^line 1: "__proto__"/ },
  'an id twice in an object': {
    type: NDJSON,
    body: '{"id":1,"id":"x","name":"a"}\n',
    says: /^line 1: "id" is a whole/,
  },
  'lists in lists': {
    type: NDJSON,
    body: `${line(one)}${'['.repeat(60_000)}\n`,
    says: /^line 2: it is not JSON/,
  },
  'another encoding': {
    type: NDJSON,
    body: Buffer.from(line({ ...one, name: 'é' }), 'latin1'),
    says: /^line 1: .*UTF-8/,
  },
  'an unknown column': { type: 'text/csv', body: 'id,nmae\r\n1,a\r\n', says: /line 1: .*name/ },
  'no column of names': { type: 'text/csv', body: 'id\r\n1\r\n', says: /line/ },
  'a wrong target in CSV': {
    type: 'text/csv',
    body: 'id,name,target\r\n1,a,x\r\n',
    says: /^line 2: .*https/,
  },
  'an array in NDJSON': {
    type: NDJSON,
    body: `[${JSON.stringify(one)}]\n`,
    says: /^line 1: a banner is a JSON object/,
  },
}

describe('POST /banners', () => {
  let banners: BannersTest
  before(async () => {
    banners = await startBannersTest()
  })
  beforeEach(() => banners.test.database.query('DELETE FROM banners'))
  after(() => banners.stop())

  const send = (body: unknown, type = NDJSON, headers = {}, query = '') =>
    banners.ask(query, { method: 'POST', body, headers: { 'content-type': type, ...headers } })
  const registered = async () =>
    (await banners.test.database.query<{ id: number }>('SELECT id::int FROM banners ORDER BY id')).map(
      ({ id }) => id,
    )

  for (const [type, body] of Object.entries({
    'application/json': JSON.stringify([one, two]),
    [NDJSON]: line(one) + line(two),
    'text/csv': CSV,
  }))
    it(`registers and replaces what comes as ${type}, and leaves what is the same`, async () => {
      const before = banners.refreshes()
      await banners.ask('/1', { method: 'PUT', body: { name: 'before' } })
      await banners.ask('/3', { method: 'PUT', body: { name: 'stays' } })
      const answer = await send(body, type)
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      const { sample, ...counts } = (await answer.json()) as { sample: { id: number }[] }
      expect(counts).to.deep.equal({ created: 1, changed: 1, unchanged: 0 })
      expect(sample.map(({ id }) => id)).to.deep.equal([1, 2])
      expect(banners.refreshes()).to.equal(before + 3)
      const read = (await (await banners.ask('/2')).json()) as { labels: string[]; updatedBy: string }
      expect(read).to.deep.include({ labels: ['mobile', 'wide'], updatedBy: manager.name })
      expect(await registered()).to.deep.equal([1, 2, 3])
      expect(await (await send(body, type)).json()).to.deep.equal({
        created: 0,
        changed: 0,
        unchanged: 2,
        sample: [],
      })
      expect(await (await banners.ask('/2')).json()).to.deep.equal(read)
    })

  it('only says what would become of it, with ?preview=true', async () => {
    await banners.ask('/1', { method: 'PUT', body: { name: 'before' } })
    const answer = await send(line(one) + line(two), NDJSON, {}, '?preview=true')
    const { sample, ...counts } = (await answer.json()) as { sample: object[] }
    expect(counts).to.deep.equal({ created: 1, changed: 1, unchanged: 0 })
    expect(sample[0]).to.deep.equal({
      id: 1,
      before: { name: 'before', target: null },
      after: { name: one.name, target: one.target },
    })
    expect(sample[1]).to.deep.include({ id: 2, before: null })
    expect(await registered()).to.deep.equal([1])
    expect((await send(line(one), NDJSON, {}, '?preview=false')).status).to.equal(200)
    expect(await messageOf(await send(line(two), NDJSON, {}, '?preview=1'), 400)).to.include('true or false')
    expect(await messageOf(await send(line(two), NDJSON, {}, '?perview=true'), 400)).to.include(
      'did you mean preview',
    )
    expect(await registered()).to.deep.equal([1])
  })

  for (const [what, { type, body, says }] of Object.entries(wrong))
    it(`registers none of a file with ${what}, and says where it is wrong`, async () => {
      const message = await messageOf(await send(body, type), 400)
      expect(message).to.match(says)
      expect(message.length).to.be.below(500)
      expect(await registered()).to.deep.equal([])
    })

  it('takes JSON, NDJSON and CSV in UTF-8, and nothing else', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'])
      expect(await messageOf(await send(line(one), type), 415)).to.include('application/x-ndjson or text/csv')
    for (const charset of ['iso-8859-1', '"UTF-16"'])
      expect(await messageOf(await send(line(one), `${NDJSON}; charset=${charset}`), 415)).to.include('UTF-8')
    const untyped = await fetch(`${banners.test.thread.url}/banners`, {
      method: 'POST',
      headers: { authorization: `Bearer ${manager.text}` },
      body: new Blob([JSON.stringify([one])]),
    })
    await messageOf(untyped, 415)
    expect(await registered()).to.deep.equal([])
    expect((await send(line(one), `${NDJSON};charset="utf-8"`)).status).to.equal(200)
    expect((await send(`\ufeff${CSV}`, 'text/csv; header=present; charset=UTF8')).status).to.equal(200)
  })

  it('takes bodies that are compressed with gzip, whole and nothing else', async () => {
    const many = Array.from({ length: 5000 }, (_, nth) =>
      line({ id: nth + 1, name: crypto.randomUUID() }),
    ).join('')
    const packed = gzipSync(many)
    const gzip = (bytes: Buffer, encoding = 'gzip') => send(bytes, NDJSON, { 'content-encoding': encoding })
    expect(await (await gzip(packed)).json()).to.include({ created: 5000 })
    const parts = Buffer.concat([gzipSync(line(one)), gzipSync(line(two))])
    expect(await (await gzip(parts, 'X-GZIP')).json()).to.include({ changed: 2 })
    const wrongSum = Buffer.concat([packed.subarray(0, -8), Buffer.alloc(4), packed.subarray(-4)])
    for (const bytes of [
      packed.subarray(0, -3),
      packed.subarray(0, 70_000),
      Buffer.from(many),
      Buffer.alloc(0),
      wrongSum,
    ])
      expect(await messageOf(await gzip(bytes), 400)).to.include('whole gzip')
    expect(await messageOf(await gzip(Buffer.concat([packed, Buffer.from('{}')])), 400)).to.include(
      'whole gzip',
    )
    expect(await messageOf(await gzip(packed, 'br'), 415)).to.include('gzip')
    // A little more than 256 MiB of blank lines.
    const blank = gzipSync(`${' '.repeat(60_000)}\n`.repeat(100))
    expect(await messageOf(await gzip(Buffer.concat(Array(45).fill(blank))), 413)).to.include('268435456')
    expect(await registered()).to.have.lengthOf(5000)
  })

  it('is 503 without the database', async () => {
    banners.proxy.cut()
    const answer = await send(line(one))
    expect(answer.headers.get('retry-after')).to.equal('5')
    expect(await messageOf(answer, 503)).to.include('/health')
    banners.proxy.restore()
    expect(await registered()).to.deep.equal([])
  })
})
