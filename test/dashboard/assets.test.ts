import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  bannerFiles,
  bannersFiles,
  dashboardFiles,
  dashboardPage,
  fleetFiles,
  overviewFiles,
} from '../../lib/dashboard/files.ts'
import { expectRawError, type HttpTest, startHttpTest } from '../support/http.ts'
import { requestText, talk } from '../support/raw-http.ts'

const inside = [
  { path: '/', file: dashboardPage },
  { path: '/dashboard', file: dashboardPage },
  ...[...dashboardFiles].map(([name, file]) => ({ path: `/dashboard/${name}`, file })),
  ...[...overviewFiles].map(([name, file]) => ({ path: `/dashboard/overview/${name}`, file })),
  ...[...bannerFiles].map(([name, file]) => ({ path: `/dashboard/banner/${name}`, file })),
  ...[...bannersFiles].map(([name, file]) => ({ path: `/dashboard/banners/${name}`, file })),
  ...[...fleetFiles].map(([name, file]) => ({ path: `/dashboard/fleet/${name}`, file })),
]
const outside = [
  '/dashboard/',
  '/dashboard/index.html',
  '/dashboard/types.d.ts',
  '/dashboard/tsconfig.json',
  '/dashboard/../package.json',
  '/dashboard/..%2f..%2fpackage.json',
  '/dashboard/%2e%2e/%2e%2e/package.json',
  '/dashboard/base.css/',
  '/dashboard/base.css%00',
  '/dashboard/page/base.css',
  '/dashboard/list.js',
  '/dashboard/banners',
  '/dashboard/banners/',
  '/dashboard/banners/types.d.ts',
  '/dashboard/banners/base.css',
  '/dashboard/banners%2Flist.js',
  '/dashboard//base.css',
  '/Dashboard',
]

function typeOf({ pathname }: URL): RegExp {
  if (pathname.endsWith('.html')) return /^text\/html/
  if (pathname.endsWith('.css')) return /^text\/css/
  return pathname.endsWith('.js') ? /^text\/javascript/ : /^image\/svg\+xml/
}

function compressedBytes(files: readonly URL[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
}

describe('the dashboard’s files', () => {
  let test: HttpTest
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${test.thread.url}${path}`, { headers })
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  for (const { path, file } of inside)
    it(`include ${path}, with the policy and an ETag`, async () => {
      const response = await get(path, { 'accept-encoding': 'identity' })
      expect(response.status).to.equal(200)
      expect(Buffer.from(await response.arrayBuffer()).equals(readFileSync(file))).to.equal(true)
      expect(response.headers.get('content-type')).to.match(typeOf(file))
      expect(response.headers.get('cache-control')).to.equal('no-cache')
      expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
      expect(response.headers.get('referrer-policy')).to.equal('no-referrer')
      const policy = response.headers.get('content-security-policy')!
      expect(policy)
        .to.match(/^default-src 'none';/)
        .and.include("frame-ancestors 'none'")
      expect(policy).not.to.match(/unsafe|\*|https?:/)
      const again = await get(path, { 'if-none-match': response.headers.get('etag')! })
      expect(again.status).to.equal(304)
      expect(await again.text()).to.equal('')
    })

  it('are all files of the page’s folder, and three from elsewhere', async () => {
    const folder = new URL('../../lib/dashboard/page/', import.meta.url)
    const entries = await readdir(folder, { withFileTypes: true, recursive: true })
    const files = entries.filter(entry => entry.isFile() && !/\.d\.ts$|\.json$/.test(entry.name))
    const served = [...dashboardFiles.keys()].filter(name => !/^(uplot\.|sample\.js$)/.test(name))
    const ofOverview = Array.from(overviewFiles.keys(), name => `overview/${name}`)
    const ofBanner = Array.from(bannerFiles.keys(), name => `banner/${name}`)
    const ofBanners = Array.from(bannersFiles.keys(), name => `banners/${name}`)
    const ofFleet = Array.from(fleetFiles.keys(), name => `fleet/${name}`)
    expect(['index.html', ...served, ...ofOverview, ...ofBanner, ...ofBanners, ...ofFleet]).to.have.members(
      files.map(({ parentPath, name }) => relative(fileURLToPath(folder), join(parentPath, name))),
    )
  })

  it('are less than 100 kB together, compressed, and 40 kB for each view that comes with it', async () => {
    expect(compressedBytes([dashboardPage, ...dashboardFiles.values()])).to.be.lessThan(100_000)
    for (const files of [overviewFiles, bannerFiles, bannersFiles, fleetFiles])
      expect(compressedBytes([...files.values()])).to.be.lessThan(40_000)
    const response = await get('/dashboard/uplot.js', { 'accept-encoding': 'gzip' })
    expect(response.headers.get('content-encoding')).to.equal('gzip')
    await response.arrayBuffer()
  })

  for (const target of outside)
    it(`include nothing else: ${target} is 404`, async () => {
      // Not by fetch, which would normalise the path.
      const [answer] = await talk(
        test.thread.port,
        requestText({ method: 'GET', target, headers: ['Connection: close'] }),
      )
      expectRawError(answer!, 404)
    })
})
