import { expect } from 'chai'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const DAY = { from: '2024-12-12', to: '2024-12-13T00:00:00Z' }
const JSON_TYPE = 'application/json; charset=utf-8'
const CSV_TYPE = 'text/csv; charset=utf-8; header=present'

/** Accept headers, and the format that each prefers. */
const accepted: Record<string, readonly string[]> = {
  [JSON_TYPE]: [
    '',
    '*/*',
    'application/json',
    'application/*',
    'APPLICATION/JSON',
    'application/json, text/csv',
    'text/csv, application/json',
    'text/csv;q=0.9, application/json',
    'text/csv;q=0, */*',
    'text/*;q=0.5, application/*;q=0.6',
    'text/html, image/gif, *; q=.2, */*; q=.2',
    'application/json, text/plain, */*',
  ],
  [CSV_TYPE]: [
    'text/csv',
    'Text/CSV',
    'text/*',
    'text/csv, */*;q=0.1',
    'text/csv, */*',
    '*/*, application/json;q=0',
    'application/json;q=0.4, text/csv;q=0.5',
    'text/html, application/xml;q=0.9, text/csv;q=0.8',
    'text/csv; header=present; charset=utf-8',
    'text/csv; charset="utf-8"; q=1.0',
  ],
}

const refused = [
  'text/html',
  'application/xml, image/*',
  'text/csv;q=0, application/json;q=0',
  '*/*;q=0',
  'x',
]
const malformed = ['text/csv; header', 'text/csv;q=']

describe('stats as CSV', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    await test.database.storeMinutes(
      `VALUES (1, '2024-12-12T10:01Z', 2), (1, '2024-12-12T10:00Z', 4),
                                        (1, '2024-12-12T10:04Z', 9223372036854775801)`,
    )
  })
  after(() => test.stop())

  const ask = (bannerId: number, accept: string, range: object = DAY) =>
    fetch(`${test.thread.url}/stats/${bannerId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(range),
    })

  it('has a header line, then a line for each minute, every line ended by CRLF', async () => {
    const response = await ask(1, 'text/csv')
    expect(response.status).to.equal(200)
    expect(response.headers.get('content-type')).to.equal(CSV_TYPE)
    expect(response.headers.get('cache-control')).to.equal('no-store')
    expect(await response.text()).to.equal(
      'ts,clicks\r\n' +
        '2024-12-12T10:00:00Z,4\r\n' +
        '2024-12-12T10:01:00Z,2\r\n' +
        '2024-12-12T10:04:00Z,9223372036854775801\r\n',
    )
  })

  it('is the header line alone for a banner without clicks', async () => {
    expect(await (await ask(2, 'text/csv')).text()).to.equal('ts,clicks\r\n')
  })

  it('suggests a file name that says the banner and the range, in characters that any system takes', async () => {
    const names = [
      { range: DAY, name: 'clicks-1-20241212T000000Z-20241213T000000Z.csv' },
      {
        range: { from: '2024-12-12T10:00:00.5+02:00', to: '2024-12-12T10:05Z' },
        name: 'clicks-1-20241212T080000.500Z-20241212T100500Z.csv',
      },
    ]
    for (const { range, name } of names) {
      const response = await ask(1, 'text/csv', range)
      expect(response.headers.get('content-disposition')).to.equal(`attachment; filename="${name}"`)
    }
    expect((await ask(1, 'application/json')).headers.get('content-disposition')).to.equal(null)
  })

  it('has the minutes of the JSON, over the edges of pages too, and compressed for those who ask', async () => {
    await test.database.storeMinutes(
      `SELECT 3, minute, 1 + extract(minute FROM minute)::int % 7
       FROM generate_series('2024-01-01Z'::timestamptz, '2024-01-10T23:59Z', '1 minute') AS minute`,
    )
    const range = { from: '2024-01-01', to: '2024-02-01' }
    const csv = await ask(3, 'text/csv', range)
    expect(csv.headers.get('content-encoding')).to.equal('gzip')
    const lines = (await csv.text()).split('\r\n')
    const { stats } = (await (await ask(3, '*/*', range)).json()) as {
      stats: { ts: string; v: number }[]
    }
    expect(stats).to.have.length(14_400)
    expect(lines).to.deep.equal(['ts,clicks', ...stats.map(({ ts, v }) => `${ts},${v}`), ''])
  })

  for (const [contentType, headers] of Object.entries(accepted))
    it(`is told from JSON by the weights in Accept: ${contentType}`, async () => {
      for (const header of headers) {
        const response = await ask(2, header)
        expect(response.status, header).to.equal(200)
        expect(response.headers.get('content-type'), header).to.equal(contentType)
        expect(response.headers.get('vary'), header).to.match(/\baccept\b(?!-)/)
        await response.text()
      }
    })

  it('is not what comes without an Accept header', async () => {
    const body = JSON.stringify(DAY)
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close']
    const request = requestText({ method: 'POST', target: '/stats/2', headers, body })
    const [answer] = await talk(test.thread.port, request)
    expect(answer).to.include({ status: 200 })
    expect(answer!.headers['content-type']).to.equal(JSON_TYPE)
  })

  it('answers 406, and says what can be had, when Accept allows neither', async () => {
    for (const header of refused) {
      const response = await ask(1, header)
      expect(response.headers.get('vary'), header).to.match(/\baccept\b(?!-)/)
      expect(expectError(response.status, await response.text(), 406), header).to.match(
        /application\/json or text\/csv/,
      )
    }
  })

  it('answers 400 when Accept is no list of media types', async () => {
    for (const header of malformed) {
      const response = await ask(1, header)
      expect(expectError(response.status, await response.text(), 400), header).to.match(/Accept/)
    }
  })
})
