import { once } from 'node:events'
import { expect } from 'chai'
import { expectRawError } from '../../support/http.ts'
import { accessOf, newKey, snapshotOf } from '../../support/keys.ts'
import { openConnection, requestText, talk } from '../../support/raw-http.ts'
import { clickOf, type LaneServer, startLane } from '../lane/server.ts'

const MEBIBYTE = 2 ** 20
const LAST = requestText({ target: '/health/live', headers: ['Connection: close'] })
const BULK = '{"clicks":[{"id":1}]}'

function bulk(body: string, ...headers: string[]): string {
  const framing = headers.some(field => /^Transfer/.test(field)) ? [] : [`Content-Length: ${body.length}`]
  const fields = ['Content-Type: application/json', 'Origin: https://shop.example', ...framing, ...headers]
  return requestText({ method: 'POST', target: '/counter', headers: fields, body })
}

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
}

describe('a request that is not let in', () => {
  const access = accessOf()
  access.keyring.replace(snapshotOf([newKey(['read'])]))
  let server: LaneServer
  before(async () => {
    server = await startLane({ access, settings: { HEALTH_IS_PUBLIC: 'false' } })
  })
  after(() => server.stop())

  for (const [what, request] of Object.entries({
    'no body': bulk(''),
    'a short body': bulk(BULK),
    'a body of 1 MiB': bulk('x'.repeat(MEBIBYTE)),
    'a chunked body': bulk(chunked(BULK), 'Transfer-Encoding: chunked'),
    'a chunked body of almost 1 MiB': bulk(chunked('x'.repeat(MEBIBYTE)), 'Transfer-Encoding: chunked'),
    'a body of an unknown type': bulk(BULK, 'Content-Encoding: br'),
  }))
    it(`with ${what} leaves the connection as it was`, async () => {
      const [refusal, next, ...others] = await talk(server.port, request + LAST)
      expectRawError(refusal!, 401)
      expect(refusal!.headers.connection).to.equal('keep-alive')
      expect(next!.status).to.equal(200)
      expect(others).to.deep.equal([])
    })

  it('is answered when its body has come, however slowly', async () => {
    const connection = openConnection(server.port)
    const request = bulk('x'.repeat(100_000))
    let answers = ''
    connection.setEncoding('latin1').on('data', (piece: string) => (answers += piece))
    for (let at = 0; at < request.length; at += 20_000) {
      connection.write(request.slice(at, at + 20_000))
      await new Promise(resolve => setTimeout(resolve, 5))
      if (at + 20_000 < request.length) expect(answers).to.equal('')
    }
    connection.write(LAST)
    await once(connection, 'close')
    expect(answers).to.match(/^HTTP\/1\.1 401 [\s\S]*HTTP\/1\.1 200 /)
  })

  it('is answered at once when it waits for 100 Continue, and that answer is the last', async () => {
    const head = bulk('', 'Expect: 100-continue').replace('Content-Length: 0', 'Content-Length: 1000')
    const [refusal, ...others] = await talk(server.port, head)
    expectRawError(refusal!, 401)
    expect(refusal!.headers.connection).to.equal('close')
    expect(others).to.deep.equal([])
  })

  for (const [what, request] of Object.entries({
    'its body may be one': bulk('', 'Expect: 100-continue').replace('Length: 0', 'Length: 1000'),
    'its body has not waited for 100 Continue': bulk(BULK, 'Expect: 100-continue'),
  }))
    it(`has no click counted behind it, when ${what}`, async () => {
      const clicks = () => server.booked('validInHalf0') + server.booked('validInHalf1')
      const before = clicks()
      const [refusal, ...others] = await talk(server.port, request + clickOf(1) + clickOf(1))
      expectRawError(refusal!, 401)
      expect(others).to.deep.equal([])
      expect(clicks()).to.equal(before)
    })

  it('with a chunked body that is longer than any may be gets its answer, which is the last', async () => {
    const head = bulk('', 'Transfer-Encoding: chunked')
    const [refusal, ...others] = await talk(server.port, `${head}300000\r\n${'x'.repeat(2 * MEBIBYTE)}`)
    expectRawError(refusal!, 401)
    expect(refusal!.headers.connection).to.equal('close')
    expect(others).to.deep.equal([])
  })

  it('with a body that breaks off harms nobody', async () => {
    const connection = openConnection(server.port)
    connection.write(bulk('x'.repeat(1000)).slice(0, -500))
    await once(connection, 'connect')
    connection.destroy()
    expect((await talk(server.port, LAST)).map(({ status }) => status)).to.deep.equal([200])
    expect(server.failures).to.deep.equal([])
  })

  it('by HEAD has no body in its answer, and the next request is answered', async () => {
    const connection = openConnection(server.port)
    let answers = ''
    connection.setEncoding('latin1').on('data', (piece: string) => (answers += piece))
    connection.write(requestText({ method: 'HEAD', target: '/health' }) + LAST)
    await once(connection, 'close')
    expect(answers).to.match(/^HTTP\/1\.1 401 [^{]*\r\n\r\nHTTP\/1\.1 200 /)
  })

  it('may be read by the page that has sent it', async () => {
    const [refusal] = await talk(server.port, bulk(BULK, 'Connection: close'))
    expect(refusal!.headers).to.include({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    })
  })

  it('may be asked about by a preflight, which has no key', async () => {
    const preflight = ['Origin: https://shop.example', 'Access-Control-Request-Method: POST']
    for (const target of ['/counter', '/health']) {
      const text = requestText({ method: 'OPTIONS', target, headers: [...preflight, 'Connection: close'] })
      expect((await talk(server.port, text)).map(({ status }) => status)).to.deep.equal([204])
    }
  })
})
