import { expect } from 'chai'
import { makeKeyText } from '../../../lib/access/key-text.ts'
import { bareFetch } from '../../support/documented-fetch.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { type FrontProxy, startNginx } from '../../support/front-proxies.ts'
import type { Health } from '../../support/health.ts'
import { accessOf, newKey, snapshotOf } from '../../support/keys.ts'
import { requestText, talk } from '../../support/raw-http.ts'
import { type LaneServer, startLane } from '../lane/server.ts'

const reader = newKey(['read'])

/** Clients come from any address by the PROXY protocol. nginx says who they are, to a service that trusts it. */
describe('failures with keys, behind a real nginx', () => {
  let server: LaneServer
  let proxy: FrontProxy
  let port: number
  before(async () => {
    const access = accessOf()
    access.keyring.replace(snapshotOf([reader]))
    server = await startLane({ access, settings: { TRUSTED_PROXIES: '127.0.0.1' } })
    port = await chooseFreePort()
    proxy = await startNginx(
      port,
      `server {
        listen 127.0.0.1:${port} proxy_protocol;
        set_real_ip_from 127.0.0.1;
        real_ip_header proxy_protocol;
        location / {
          proxy_pass http://127.0.0.1:${server.port};
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }
      }`,
    )
  })
  after(async () => {
    await proxy.end()
    await server.stop()
  })

  /** The status of a question with a key. A body is missing, so a good key gets 400. */
  async function ask(client: string, key: string, forged = ''): Promise<number> {
    const [family, ours] = client.includes(':') ? ['TCP6', '::1'] : ['TCP4', '127.0.0.1']
    const headers = [`Authorization: Bearer ${key}`, `X-Forwarded-For: ${forged}`, 'Connection: close']
    const text = requestText({
      method: 'POST',
      target: '/stats/1',
      headers: [...headers, 'Content-Length: 0'],
    })
    const [answer] = await talk(port, `PROXY ${family} ${client} ${ours} 50000 80\r\n${text}`)
    return answer!.status
  }

  async function failTenTimes(client: string): Promise<void> {
    for (let failure = 0; failure < 10; failure++)
      expect(await ask(client, makeKeyText(), `198.51.100.${failure}`)).to.equal(401)
  }

  it("limit the client alone, whatever it sends in X-Forwarded-For, and no other one's", async () => {
    await failTenTimes('203.0.113.9')
    for (const forged of ['', '198.51.100.99', '127.0.0.1', 'unknown', 'x'.repeat(4000)])
      expect(await ask('203.0.113.9', makeKeyText(), forged), forged.slice(0, 20)).to.equal(429)
    expect(await ask('203.0.113.10', makeKeyText(), '203.0.113.9')).to.equal(401)
    expect(server.booked('forwardedMalformed')).to.equal(0)
  })

  it('never limit a key in force', async () => {
    await failTenTimes('203.0.113.11')
    expect(await ask('203.0.113.11', makeKeyText())).to.equal(429)
    expect(await ask('203.0.113.11', reader.text)).not.to.be.oneOf([401, 403, 429])
  })

  it('limit all addresses of an IPv6 network of 64 bits together, and no other network', async () => {
    await failTenTimes('2001:db8:1:2::9')
    expect(await ask('2001:db8:1:2:ffff:ffff:ffff:ffff', makeKeyText())).to.equal(429)
    expect(await ask('2001:db8:1:3::9', makeKeyText())).to.equal(401)
  })

  it("are the proxy's own when it sends what is no address, which /health counts", async () => {
    const headers = ['Authorization: Bearer cck_1', 'X-Forwarded-For: unknown', 'Connection: close']
    const text = requestText({
      method: 'POST',
      target: '/stats/1',
      headers: [...headers, 'Content-Length: 0'],
    })
    for (let failure = 0; failure < 11; failure++) await talk(server.port, text)
    expect((await talk(server.port, text))[0]!.status).to.equal(429)
    const { http } = (await (await bareFetch(`http://127.0.0.1:${server.port}/health`)).json()) as Health
    expect(http.malformedForwarded).to.equal(12)
  })
})
