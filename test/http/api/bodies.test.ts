import { deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'

const MEBIBYTE = 2 ** 20
const BULK = '{"clicks":[{"id":1},{"id":2,"count":5}]}'
const DAY = '{"from":"2024-12-12","to":"2024-12-13"}'
const GZIP = gzipSync(BULK)
const [UTF_8, UTF_16_LE, UTF_16_BE] = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
].map(Buffer.from)

interface Case {
  readonly body: Buffer
  readonly encoding?: string
}

const taken: Record<string, Case> = {
  'compressed with gzip': { body: GZIP, encoding: 'gzip' },
  'compressed with gzip, in the old name and capitals': { body: GZIP, encoding: 'X-GZIP' },
  'compressed in two pieces': {
    body: Buffer.concat([gzipSync(BULK.slice(0, 9)), gzipSync(BULK.slice(9))]),
    encoding: 'gzip',
  },
  'of 1 MiB once it is decoded': { body: gzipSync(BULK.padEnd(MEBIBYTE)), encoding: 'gzip' },
  'that says it is not encoded': { body: Buffer.from(BULK), encoding: 'identity' },
  'with a byte order mark': { body: Buffer.concat([UTF_8!, Buffer.from(BULK)]) },
  'with a byte order mark, compressed': {
    body: gzipSync(Buffer.concat([UTF_8!, Buffer.from(BULK)])),
    encoding: 'gzip',
  },
}

const refused: Record<string, Case & { status: number; says: RegExp }> = {
  'cut short': { body: GZIP.subarray(0, -3), encoding: 'gzip', status: 400, says: /whole gzip/ },
  'with something behind its end': {
    body: Buffer.concat([GZIP, Buffer.from('{}')]),
    encoding: 'gzip',
    status: 400,
    says: /whole gzip/,
  },
  'with a wrong sum': {
    body: Buffer.concat([GZIP.subarray(0, -8), Buffer.alloc(4), GZIP.subarray(-4)]),
    encoding: 'gzip',
    status: 400,
    says: /whole gzip/,
  },
  'that is empty, compressed': { body: Buffer.alloc(0), encoding: 'gzip', status: 400, says: /whole gzip/ },
  'that is not compressed': { body: Buffer.from(BULK), encoding: 'gzip', status: 400, says: /whole gzip/ },
  'compressed without saying so': { body: GZIP, status: 400, says: /must be JSON/ },
  'compressed twice': { body: gzipSync(GZIP), encoding: 'gzip', status: 400, says: /must be JSON/ },
  'of more than 1 MiB once it is decoded': {
    body: gzipSync(BULK.padEnd(MEBIBYTE + 1)),
    encoding: 'gzip',
    status: 413,
    says: /longer than 1048576 bytes/,
  },
  'that says it is compressed twice': {
    body: gzipSync(GZIP),
    encoding: 'gzip, gzip',
    status: 415,
    says: /encoded with gzip, or not at all/,
  },
  'compressed with deflate': {
    body: deflateSync(BULK),
    encoding: 'deflate',
    status: 415,
    says: /encoded with gzip, or not at all/,
  },
  'in UTF-16, little-endian': {
    body: Buffer.concat([UTF_16_LE!, Buffer.from(BULK, 'utf16le')]),
    status: 400,
    says: /must be JSON.*in UTF-8/,
  },
  'in UTF-16, big-endian': {
    body: Buffer.concat([UTF_16_BE!, Buffer.from(BULK, 'utf16le').swap16()]),
    status: 400,
    says: /must be JSON.*in UTF-8/,
  },
  'that is no UTF-8': {
    body: Buffer.from('{"clicks":[{"id":1}],"\xff":1}', 'latin1'),
    status: 400,
    says: /in UTF-8/,
  },
  'with two byte order marks': {
    body: Buffer.concat([UTF_8!, UTF_8!, Buffer.from(BULK)]),
    status: 400,
    says: /must be JSON/,
  },
}

describe('a body', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  const post = (path: string, { body, encoding }: Case) =>
    fetch(`${test.thread.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      },
      body: new Uint8Array(body),
    })

  for (const [name, given] of Object.entries(taken))
    it(`${name} is taken`, async () => {
      const counted = await test.clicksCounted(async () => {
        expect((await post('/counter', given)).status).to.equal(202)
      })
      expect(counted).to.equal(6)
    })

  for (const [name, { status, says, ...given }] of Object.entries(refused))
    it(`${name} is refused with ${status}, and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const response = await post('/counter', given)
        expect(expectError(response.status, await response.text(), status)).to.match(says)
        const isOtherEncoding = status === 415
        expect(response.headers.get('accept-encoding')).to.equal(isOtherEncoding ? 'gzip' : null)
      })
      expect(counted).to.equal(0)
    })

  it('of a question may be encoded as well, and is bounded once it is decoded', async () => {
    const ask = (text: string) => post('/stats/1', { body: gzipSync(text), encoding: 'gzip' })
    expect((await ask(DAY)).status).to.equal(200)
    expect((await ask(DAY.padEnd(4097))).status).to.equal(413)
    const marked = { body: Buffer.concat([UTF_8!, Buffer.from(DAY)]) }
    expect((await post('/stats/1', marked)).status).to.equal(200)
    expect((await post('/stats/1', { body: Buffer.from(DAY), encoding: 'br' })).status).to.equal(415)
  })

  it('that would become a thousand times as long is decoded no further than it may be', async () => {
    const bombs = Array(20).fill(gzipSync(Buffer.alloc(64 * MEBIBYTE)))
    const before = process.memoryUsage().rss
    const answers = await Promise.all(bombs.map(body => post('/counter', { body, encoding: 'gzip' })))
    expect(answers.map(({ status }) => status)).to.deep.equal(bombs.map(() => 413))
    expect(process.memoryUsage().rss - before).to.be.below(100 * MEBIBYTE)
  })

  it('of a single click is of no interest, whatever its encoding says', async () => {
    const counted = await test.clicksCounted(async () => {
      const body = Buffer.from('ping')
      for (const encoding of ['gzip', 'br'])
        expect((await post('/counter/1', { body, encoding })).status).to.equal(204)
    })
    expect(counted).to.equal(2)
  })
})
