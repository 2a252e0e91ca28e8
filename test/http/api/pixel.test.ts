import { expect } from 'chai'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

/** One pixel of one by one, the first of two colours, which is the transparent one. */
const GIF = [
  ...['GIF89a', '\x01\x00\x01\x00\x80\x00\x00', '\x00\x00\x00\xff\xff\xff'],
  ...['!\xf9\x04\x01\x00\x00\x00\x00', ',\x00\x00\x00\x00\x01\x00\x01\x00\x00', '\x02\x02D\x01\x00', ';'],
].join('')

describe('the pixel', () => {
  let test: HttpTest
  let url: string
  before(async () => {
    test = await startHttpTest()
    url = test.thread.url
  })
  after(() => test.stop())

  for (const target of ['/counter/1.gif', '/counter/2147483647.gif?r=0.123'])
    it(`counts a click and is transparent (${target})`, async () => {
      const counted = await test.clicksCounted(async () => {
        const response = await fetch(url + target)
        expect(response.status).to.equal(200)
        expect(response.headers.get('content-type')).to.equal('image/gif')
        expect(response.headers.get('content-length')).to.equal('43')
        expect(response.headers.get('cache-control')).to.equal('no-store')
        expect(response.headers.get('access-control-allow-origin')).to.equal('*')
        expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).to.equal(GIF)
      })
      expect(counted).to.equal(1)
    })

  for (const id of ['0', '01', '2147483648', 'a', '1.gif', '%20'])
    it(`is 400 for what is no banner, and counts nothing (${id})`, async () => {
      const counted = await test.clicksCounted(async () => {
        const response = await fetch(`${url}/counter/${id}.gif`)
        expect(expectError(response.status, await response.text(), 400)).to.include('2147483647')
      })
      expect(counted).to.equal(0)
    })

  it('is there for a prefetch, which is no click', async () => {
    const before = (await test.health()).clicks.ignored.prefetch
    const counted = await test.clicksCounted(async () => {
      const headers = { 'sec-purpose': 'prefetch', 'x-purpose': 'preview' }
      const response = await fetch(`${url}/counter/1.gif`, { headers })
      expect(response.status).to.equal(200)
      expect((await response.arrayBuffer()).byteLength).to.equal(43)
    })
    expect(counted).to.equal(0)
    expect((await test.health()).clicks.ignored.prefetch).to.equal(before + 1)
  })

  it('counts neither HEAD nor OPTIONS', async () => {
    const counted = await test.clicksCounted(async () => {
      const head = await fetch(`${url}/counter/1.gif`, { method: 'HEAD' })
      expect(head.status).to.equal(200)
      expect(head.headers.get('content-length')).to.equal('43')
      expect((await fetch(`${url}/counter/1.gif`, { method: 'OPTIONS' })).status).to.equal(204)
    })
    expect(counted).to.equal(0)
  })

  it('may be read by the page that has asked for it', async () => {
    const headers = ['Origin: https://shop.example', 'Connection: close']
    const [answer] = await talk(test.thread.port, requestText({ target: '/counter/1.gif', headers }))
    expect(answer!.headers['access-control-allow-origin']).to.equal('https://shop.example')
    expect(answer!.headers['access-control-allow-credentials']).to.equal('true')
  })

  it('is 503 while clicks are refused', async () => {
    test.thread.refuseClicks(true)
    const response = await fetch(`${url}/counter/1.gif`)
    test.thread.refuseClicks(false)
    expectError(response.status, await response.text(), 503)
    expect(response.headers.get('retry-after')).to.equal('1')
  })
})
