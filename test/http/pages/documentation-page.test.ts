import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { openApiDocument } from '../../../lib/http/api/operations/document.ts'
import { createRouteTable } from '../../support/documented.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'

describe('the documentation', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${test.thread.url}${path}`, { headers })

  it('is a page that loads what this service has, and nothing from elsewhere', async () => {
    const response = await get('/documentation')
    const html = await response.text()
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8')
    const references = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(match => match[1]!)
    expect(references).to.include('documentation/swagger-ui-bundle.js')
    for (const reference of references.filter(reference => reference !== 'data:,')) {
      expect(reference).not.to.match(/^\w+:|^\//)
      expect((await get(`/${reference}`)).status, reference).to.equal(200)
    }
  })

  it('lets nothing inline run, and nothing from elsewhere', async () => {
    for (const path of ['/documentation', '/documentation/start.js', '/documentation/swagger-ui.css']) {
      const policy = (await get(path)).headers.get('content-security-policy')
      expect(policy, path).to.match(/^default-src 'none'; script-src 'self'; style-src 'self';/)
      expect(policy, path).not.to.match(/unsafe|https?:|\*/)
    }
    expect(await (await get('/documentation')).text()).not.to.match(/<script>|<style|style=|\son\w+=/)
  })

  it('shows the document of the routes that are there', async () => {
    const server = createRouteTable()
    const expected = openApiDocument(server.table())
    await server.stop()
    expect(await (await get('/openapi.json')).json()).to.deep.equal(JSON.parse(JSON.stringify(expected)))
  })

  it('is sent compressed to browsers, and not again while it has not changed', async () => {
    for (const path of ['/documentation/swagger-ui-bundle.js', '/openapi.json']) {
      const first = await get(path)
      expect(first.headers.get('content-encoding'), path).to.equal('gzip')
      const again = await get(path, { 'if-none-match': first.headers.get('etag')! })
      expect(again.status, path).to.equal(304)
      expect(await again.text(), path).to.equal('')
    }
  })

  it('gives no other file away', async () => {
    const names = ['package.json', '..%2fserver.ts', '..%2f', 'swagger-ui.js', 'index.html', 'START.js', '']
    for (const name of names) expect((await get(`/documentation/${name}`)).status, name).to.equal(404)
  })

  it('comes from a package that does not report its installation', () => {
    const { scarfSettings, allowScripts } = JSON.parse(
      readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
    )
    expect(scarfSettings).to.deep.equal({ enabled: false })
    expect(allowScripts['@scarf/scarf']).to.equal(false)
  })
})
