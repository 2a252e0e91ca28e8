import { once } from 'node:events'
import http, { type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { KnowingRequest } from '../../../lib/http/listener/known-headers.ts'
import { talk } from '../../support/raw-http.ts'

type Field = readonly [name: string, value: string]

describe('the headers of a request', () => {
  let server: http.Server
  let port: number
  let seen: { headers: IncomingHttpHeaders; rawHeaders: string[] }[]
  before(async () => {
    server = http.createServer({ IncomingMessage: KnowingRequest }, (request, response) => {
      const { headers, rawHeaders } = request
      seen.push({ headers, rawHeaders })
      response.end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  beforeEach(() => {
    seen = []
  })
  after(() => server.close())

  /** One connection's requests, each with its fields. */
  async function send(requests: readonly { path: string; fields: readonly Field[] }[]) {
    const text = requests.map(({ path, fields }, nth) => {
      const last: Field[] = nth === requests.length - 1 ? [['Connection', 'close']] : []
      const lines = [['Host', 'counter'], ...fields, ...last].map(([name, value]) => `${name}: ${value}\r\n`)
      return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
    })
    await talk(port, text.join(''))
    return seen
  }

  const clicks = (...lists: Field[][]) => lists.map(fields => ({ path: '/counter/1', fields }))

  it('are read once for clicks that have the same, on one connection', async () => {
    const accept: Field = ['Accept', 'image/*']
    const [first, second, third] = await send(clicks([accept], [accept], []))
    expect(second!.headers).to.equal(first!.headers)
    expect(third!.headers).not.to.equal(first!.headers)
    await send(clicks([accept], []))
    expect(seen[3]!.headers).to.deep.equal(first!.headers)
    expect(seen[3]!.headers).not.to.equal(first!.headers)
  })

  it('cannot be changed by one of the requests that have them', async () => {
    const [first] = await send(clicks([], []))
    expect(() => {
      first!.headers.host = 'another'
    }).to.throw(TypeError)
  })

  const held = {
    long: [['X-Long', 'x'.repeat(4096)]] as Field[],
    many: Array.from({ length: 32 }, (_, nth): Field => [`X-${nth}`, '']),
  }
  for (const [kind, fields] of Object.entries(held))
    it(`are not remembered when they are ${kind}`, async () => {
      const [first, second] = await send(clicks(fields, fields, []))
      expect(second!.headers).to.deep.equal(first!.headers)
      expect(second!.headers).not.to.equal(first!.headers)
    })

  it('are complete for what is no click, whatever its connection has asked before', async () => {
    const fields: Field[] = [['Accept-Encoding', 'gzip']]
    const [click, page] = await send([
      { path: '/counter/1', fields },
      { path: '/dashboard', fields },
      { path: '/', fields: [] },
    ])
    expect(click!.headers['accept-encoding']).to.equal(undefined)
    expect(page!.headers['accept-encoding']).to.equal('gzip')
  })

  it('are those that Node reads, one request after another', async () => {
    // Few, so that requests that follow each other are often nearly the same.
    const name = fc.constantFrom('Accept', 'accept', 'Cookie', 'Purpose')
    const field = fc.tuple(name, fc.constantFrom('a', 'b'))
    const path = fc.constantFrom('/counter/1', '/counter/2', '/counter', '/health')
    const request = fc.record({ path, fields: fc.array(field, { maxLength: 2 }) })
    const repeated = fc.tuple(request, fc.integer({ min: 1, max: 3 }))
    const conversation = fc.array(repeated, { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(conversation, async parts => {
        seen = []
        await send(parts.flatMap(([one, times]) => Array.from({ length: times }, () => one)))
        for (const { headers, rawHeaders } of seen)
          expect(withoutUndefined(headers)).to.deep.equal(readAlone(rawHeaders))
      }),
      { numRuns: 300 },
    )
  })
})

type Reader = http.IncomingMessage & { _addHeaderLines(rawHeaders: readonly string[], count: number): void }

/** What Node makes of them when it has seen nothing else. */
function readAlone(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const request = new http.IncomingMessage(new Socket()) as Reader
  request._addHeaderLines(rawHeaders, rawHeaders.length)
  return { ...request.headers }
}

function withoutUndefined(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
}
