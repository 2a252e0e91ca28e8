import { readFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { routeKind } from '../../lib/http/listener/route-kind.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { requestText, talk } from '../support/raw-http.ts'

const FILE = readFileSync(new URL('../../lib/script/clickcounter.js', import.meta.url))
const MAX_COMPRESSED_BYTES = 1023

describe('GET /clickcounter.js', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${test.thread.url}/clickcounter.js`, { method, headers })

  it('is the file of this repository, byte by byte, in less than 1 KiB', async () => {
    const response = await get()
    expect(await response.text()).to.equal(FILE.toString())
    expect(response.headers.get('content-type')).to.equal('text/javascript; charset=utf-8')
    expect(gzipSync(FILE, { level: 9 }).length).to.be.at.most(MAX_COMPRESSED_BYTES)
    expect(brotliCompressSync(FILE).length).to.be.at.most(MAX_COMPRESSED_BYTES)
  })

  it('is compressed for whom takes gzip, and for nobody else', async () => {
    const ask = async (encodings: string) => {
      const headers = [`Accept-Encoding: ${encodings}`, 'Connection: close']
      const [answer] = await talk(test.thread.port, requestText({ target: '/clickcounter.js', headers }))
      return answer!
    }
    for (const encodings of ['gzip', 'gzip, deflate, br, zstd', 'gzip;q=0.5, br']) {
      const { headers } = await ask(encodings)
      expect(headers, encodings).to.include({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
      expect(Number(headers['content-length'])).to.be.at.most(MAX_COMPRESSED_BYTES)
    }
    for (const encodings of ['', 'identity', 'br', 'deflate', 'gzip;q=0', 'no encoding']) {
      const { headers, body } = await ask(encodings)
      expect(body, encodings).to.equal(FILE.toString())
      expect(headers).not.to.have.property('content-encoding')
      expect(headers.vary).to.equal('accept-encoding')
    }
  })

  it('may be kept for an hour, and is not sent again while it has not changed', async () => {
    for (const encoding of ['gzip', 'identity']) {
      const first = await get({ 'accept-encoding': encoding })
      expect(first.headers.get('cache-control')).to.match(/^public, max-age=3600\b/)
      const etag = first.headers.get('etag')!
      for (const known of [etag, `"other", ${etag}`]) {
        const again = await get({ 'accept-encoding': encoding, 'if-none-match': known })
        expect([again.status, await again.text()], known).to.deep.equal([304, ''])
        expect(again.headers.get('cache-control')).to.equal(first.headers.get('cache-control'))
        expect(again.headers.get('content-encoding')).to.equal(null)
      }
      const other = await get({ 'accept-encoding': encoding, 'if-none-match': '"other"' })
      expect(other.status).to.equal(200)
    }
  })

  it('may be loaded by pages of any origin, also with integrity and under an embedder policy', async () => {
    for (const headers of [{}, { origin: 'https://shop.example' }]) {
      const response = await get(headers)
      expect(response.headers.get('access-control-allow-origin')).to.equal('*')
      expect(response.headers.get('cross-origin-resource-policy')).to.equal('cross-origin')
      expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
      expect(response.headers.get('set-cookie')).to.equal(null)
    }
  })

  it('answers HEAD, and nothing but GET and HEAD', async () => {
    const head = await get({ 'accept-encoding': 'gzip' }, 'HEAD')
    expect([head.status, head.headers.get('content-encoding')]).to.deep.equal([200, 'gzip'])
    const post = await get({}, 'POST')
    expect([post.status, post.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD'])
  })

  it('is no click, and takes the time of none', async () => {
    expect(await test.clicksCounted(() => get())).to.equal(0)
    expect(routeKind('/clickcounter.js')).to.equal('watching')
  })
})
