import { readdir } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { readAssets } from '../../lib/dashboard/assets.ts'
import { expectRawError, type HttpTest, startHttpTest } from '../support/http.ts'
import { requestText, talk } from '../support/raw-http.ts'

const outside = [
  '/dashboard/',
  '/dashboard/index.html',
  '/dashboard/types.d.ts',
  '/dashboard/tsconfig.json',
  '/dashboard/../package.json',
  '/dashboard/..%2f..%2fpackage.json',
  '/dashboard/%2e%2e/%2e%2e/package.json',
  '/dashboard/style.css/',
  '/dashboard/style.css%00',
  '/dashboard/page/style.css',
  '/dashboard//style.css',
  '/Dashboard',
]

describe('the dashboard’s files', () => {
  let test: HttpTest
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${test.thread.url}${path}`, { headers, redirect: 'manual' })
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  it('are found from the root', async () => {
    const response = await get('/')
    expect(response.status).to.equal(302)
    expect(response.headers.get('location')).to.equal('/dashboard')
  })

  for (const { path, type, body, etag } of readAssets())
    it(`serve ${path} as ${type}, under the policy, to be kept and asked about`, async () => {
      const response = await get(path, { 'accept-encoding': 'identity' })
      expect(response.status).to.equal(200)
      expect(Buffer.from(await response.arrayBuffer()).equals(body)).to.equal(true)
      expect(response.headers.get('content-type')).to.match(new RegExp(`^${type.replace('+', '\\+')}`))
      expect(response.headers.get('cache-control')).to.equal('no-cache')
      expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
      expect(response.headers.get('referrer-policy')).to.equal('no-referrer')
      const policy = response.headers.get('content-security-policy')!
      expect(policy)
        .to.match(/^default-src 'none';/)
        .and.include("frame-ancestors 'none'")
      expect(policy).not.to.match(/unsafe|\*|https?:/)
      expect(response.headers.get('etag')).to.equal(`"${etag}"`)

      const again = await get(path, { 'if-none-match': `"${etag}"` })
      expect(again.status).to.equal(304)
      expect(await again.text()).to.equal('')
    })

  it('are all that the page’s folder has for a browser', async () => {
    const folder = new URL('../../lib/dashboard/page/', import.meta.url)
    const names = (await readdir(folder)).filter(name => !/\.d\.ts$|\.json$/.test(name))
    const served = readAssets().map(({ path }) =>
      path === '/dashboard' ? 'index.html' : path.split('/')[2]!,
    )
    expect(served.filter(name => !name.startsWith('uplot.'))).to.have.members(names)
  })

  it('together are less than 100 kB on the way', async () => {
    const bytes = readAssets().reduce((sum, { body }) => sum + gzipSync(body).length, 0)
    expect(bytes).to.be.lessThan(100_000)
    const response = await get('/dashboard/uplot.js', { 'accept-encoding': 'gzip' })
    expect(response.headers.get('content-encoding')).to.equal('gzip')
    await response.arrayBuffer()
  })

  for (const target of outside)
    it(`are no others: ${target} is 404`, async () => {
      // As it is; fetch would tidy the path up.
      const [answer] = await talk(
        test.thread.port,
        requestText({ method: 'GET', target, headers: ['Connection: close'] }),
      )
      expectRawError(answer!, 404)
    })
})
