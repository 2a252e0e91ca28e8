import { expect } from 'chai'
import { expectError, expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const FROM = '2024-12-12T10:00:00Z'
const TO = '2024-12-12T10:05:00Z'

const wrongTimes = [
  '2024-13-01T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T10:00:60Z',
  '0000-01-01T00:00:00Z',
  '2024-01-01T10:00:00+15:00',
  'yesterday',
  '',
  '2024-12-12T10:00:00Z\0',
  "'; DROP TABLE click_minutes; --",
  ['2024-12-12T10:00:00Z'],
  ['2024-12-12T10:00:00Z', '2024-12-12T10:05:00Z'],
  [],
  {},
  { $date: '2024-12-12T10:00:00Z' },
  1733997600,
  1733997600000,
  0,
  -1,
  1e308,
  true,
  null,
]

const wrongRanges = [
  { from: TO, to: FROM, says: /"from" must be before "to"/ },
  { from: FROM, to: FROM, says: /"from" must be before "to"/ },
  { from: '2024-12-12T12:00:00+02:00', to: '2024-12-12T10:00:00Z', says: /"from" must be before "to"/ },
  { from: '1500-01-01T00:00:00Z', to: '2500-01-01T00:00:00Z', says: /not be longer than 3660 days/ },
  { from: '0001-01-01', to: '9999-12-31', says: /not be longer than 3660 days/ },
  { from: '2020-01-01', to: '2030-01-09T00:00:00.001Z', says: /not be longer than 3660 days/ },
]

/** Whole bodies. */
const wrongBodies = [
  '{}',
  `{"from":"${FROM}"}`,
  `{"to":"${TO}"}`,
  `{"from":"${FROM}","to":null}`,
  `{"from":"${FROM}","to":"${TO}","From":"${FROM}"}`,
  `{"from":"${FROM}","to":"${TO}","constructor":{"prototype":{}}}`,
  `{"range":{"from":"${FROM}","to":"${TO}"}}`,
  `[{"from":"${FROM}","to":"${TO}"}]`,
  `["${FROM}","${TO}"]`,
  '"2024-12-12"',
  '5',
  'true',
  'null',
]

const brokenJson = [
  '',
  ' ',
  '{',
  `{"from":"${FROM}","to":"${TO}"`,
  `{"from":"${FROM}","to":"${TO}",}`,
  `{'from':'${FROM}','to':'${TO}'}`,
  `{from:"${FROM}",to:"${TO}"}`,
  `from=${FROM}&to=${TO}`,
  `{"from":"${FROM}","to":"${TO}"}{}`,
  `{"from":"${FROM}","to":"${TO}","__proto__":{"x":1}}`,
  `{"from":"${FROM}","to":"${TO}","\\u005f_proto__":{"x":1}}`,
  `{"__proto__":{"from":"${FROM}","to":"${TO}"}}`,
  '[[[[',
  '\0',
  'NaN',
]

const rightRanges = [
  { from: FROM, to: TO, echo: [FROM, TO] },
  { from: '2024-12-12T12:00:00+02:00', to: '2024-12-12T04:35:00-0530', echo: [FROM, TO] },
  { from: '2024-12-12T10:00', to: '2024-12-12T10:05', echo: [FROM, TO] },
  { from: '2024-12-12', to: '2024-12-13', echo: ['2024-12-12T00:00:00Z', '2024-12-13T00:00:00Z'] },
  { from: '20241212T100000Z', to: '2024-12-12 10:05:00,0z', echo: [FROM, TO] },
  {
    from: '2024-12-12T10:00:00.250Z',
    to: '2024-12-12T10:00:00.2501Z',
    echo: ['2024-12-12T10:00:00.250Z', '2024-12-12T10:00:00.251Z'],
  },
  { from: '2024-02-29', to: '2024-03-01', echo: ['2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z'] },
  { from: '2020-01-01', to: '2030-01-08', echo: ['2020-01-01T00:00:00Z', '2030-01-08T00:00:00Z'] },
  { from: '0001-01-01', to: '0001-01-02', echo: ['0001-01-01T00:00:00Z', '0001-01-02T00:00:00Z'] },
  { from: '9999-12-30', to: '9999-12-31', echo: ['9999-12-30T00:00:00Z', '9999-12-31T00:00:00Z'] },
]

describe('requests for stats', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  async function refused(status: number, ask: () => Promise<Response>): Promise<string> {
    let message = ''
    const counted = await test.clicksCounted(async () => {
      const response = await ask()
      message = expectError(response.status, await response.text(), status)
    })
    expect(counted).to.equal(0)
    return message
  }

  for (const time of wrongTimes)
    it(`refuse ${JSON.stringify(time)} as a time and say what would be right`, async () => {
      for (const [name, body] of Object.entries({
        from: { from: time, to: TO },
        to: { from: FROM, to: time },
      })) {
        const message = await refused(400, () => test.stats(1, body))
        expect(message).to.match(new RegExp(`^"${name}" must be a time in ISO 8601, such as`))
      }
    })

  for (const { from, to, says } of wrongRanges)
    it(`refuse the range from ${from} to ${to}`, async () => {
      expect(await refused(400, () => test.stats(1, { from, to }))).to.match(says)
    })

  for (const body of wrongBodies)
    it(`refuse ${body} and name "from" and "to"`, async () => {
      expect(await refused(400, () => test.stats(1, body))).to.match(/"from"|"to"/)
    })

  for (const body of brokenJson)
    it(`refuse ${JSON.stringify(body)}, which is not JSON that can be used`, async () => {
      expect(await refused(400, () => test.stats(1, body))).to.match(/^the body must be JSON, such as/)
    })

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/jsonp',
    ';',
  ])
    it(`refuse a body of type ${type}`, async () => {
      const ask = () =>
        fetch(`${test.thread.url}/stats/1`, {
          method: 'POST',
          headers: { 'content-type': type },
          body: JSON.stringify({ from: FROM, to: TO }),
        })
      expect(await refused(415, ask)).to.equal('the body must be JSON, of type application/json')
    })

  it('refuse a body of more than 4 KiB, of known length or not', async () => {
    const padded = (bytes: number) => JSON.stringify({ from: FROM, to: TO }).padEnd(bytes)
    const message = await refused(413, () => test.stats(1, padded(4097)))
    expect(message).to.equal('the body must not be longer than 4096 bytes')
    expect((await test.stats(1, padded(4096))).status).to.equal(200)
    const chunk = padded(4097)
    const [answer] = await talk(
      test.thread.port,
      requestText({
        method: 'POST',
        target: '/stats/1',
        headers: ['Content-Type: application/json', 'Transfer-Encoding: chunked', 'Connection: close'],
        body: `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`,
      }),
    )
    expectRawError(answer!, 413)
  })

  it('are taken with a charset, and without a type', async () => {
    const body = JSON.stringify({ from: FROM, to: TO })
    const length = `Content-Length: ${body.length}`
    for (const type of [['Content-Type: application/json; charset=utf-8'], []]) {
      const headers = [...type, length, 'Connection: close']
      const [answer] = await talk(
        test.thread.port,
        requestText({ method: 'POST', target: '/stats/1', headers, body }),
      )
      expect(answer!.status).to.equal(200)
    }
  })

  for (const { from, to, echo } of rightRanges)
    it(`are answered in UTC: from ${from} to ${to}`, async () => {
      const response = await test.stats(1, { from, to })
      expect(response.status).to.equal(200)
      expect(await response.json()).to.deep.equal({
        bannerId: 1,
        ...{ from: echo[0], to: echo[1], step: 'minute', timeZone: 'UTC' },
        ...{ total: 0, bots: 0, duplicates: 0, finalThrough: null },
        stats: [],
      })
    })
})
