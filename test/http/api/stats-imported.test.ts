import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { importClicks } from '../../../db/history/import/import-clicks.ts'
import { readHistory } from '../../../db/history/import/read-history.ts'
import { cut } from '../../db/banners/banner-files.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'

const MINUTES = [
  'banner,minute,clicks',
  '1,2024-12-10T10:05Z,1',
  '1,2024-12-10T11:05Z,2',
  '2,2024-12-10T10:00Z,4',
]
const HOURS = [
  'banner,hour,clicks',
  '2,2024-12-10T10:00Z,10',
  '2,2024-12-10T18:00Z,20',
  '2,2024-12-11T00:00Z,40',
]
const DAYS = ['banner,day,clicks', '3,2024-12-10,100', '3,2024-12-11,200']

describe('clicks that were imported are in the answer of a question', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    const client = await connect(test.database.server, 'clickcounter test')
    for (const lines of [MINUTES, HOURS, DAYS]) {
      const file = await readHistory(cut(Buffer.from(lines.join('\n')), []), { nowMs: Date.now() })
      await importClicks(client, file, { name: 'old.csv' })
    }
    await client.end()
  })
  after(() => test.stop())

  const ask = (query: string) => fetch(`${test.thread.url}/stats${query}`)
  const answer = async (query: string) => {
    const response = await ask(query)
    const body = (await response.json()) as { total: number; stats: { ts: string; v: number }[] }
    expect(response.status, JSON.stringify(body)).to.equal(200)
    return body
  }
  const refusal = async (query: string) => {
    const response = await ask(query)
    return expectError(response.status, await response.text(), 400)
  }
  const TWO_DAYS = 'from=2024-12-10&to=2024-12-12'

  const answered: [question: string, total: number, stats: (readonly [ts: string, v: number])[]][] = [
    [
      `/1?${TWO_DAYS}`,
      3,
      [
        ['2024-12-10T10:05:00Z', 1],
        ['2024-12-10T11:05:00Z', 2],
      ],
    ],
    [
      `/2?${TWO_DAYS}&step=hour`,
      74,
      [
        ['2024-12-10T10:00:00Z', 14],
        ['2024-12-10T18:00:00Z', 20],
        ['2024-12-11T00:00:00Z', 40],
      ],
    ],
    [
      `/2?${TWO_DAYS}&step=day`,
      74,
      [
        ['2024-12-10T00:00:00Z', 34],
        ['2024-12-11T00:00:00Z', 40],
      ],
    ],
    [
      '/2?from=2024-12-10&to=2024-12-12&step=day&timeZone=Europe/Paris',
      74,
      [
        ['2024-12-10T00:00:00+01:00', 34],
        ['2024-12-11T00:00:00+01:00', 40],
      ],
    ],
    ['/2?from=2024-12-10T10:00Z&to=2024-12-10T23:00Z&step=all', 34, [['2024-12-10T10:00:00Z', 34]]],
    [
      `/3?${TWO_DAYS}&step=day`,
      300,
      [
        ['2024-12-10T00:00:00Z', 100],
        ['2024-12-11T00:00:00Z', 200],
      ],
    ],
    ['/3?from=2024-12-01&to=2025-01-01&step=month', 300, [['2024-12-01T00:00:00Z', 300]]],
    // Before and after what was imported, minutes are minutes.
    ['/2?from=2024-12-10T11:00Z&to=2024-12-10T18:00Z', 0, []],
    ['/3?from=2024-12-12&to=2024-12-13&step=hour', 0, []],
  ]
  for (const [question, total, stats] of answered)
    it(`${question}: ${total}`, async () => {
      const found = await answer(question)
      expect(found.stats.map(({ ts, v }) => [ts, v])).to.deep.equal(stats)
      expect(found.total).to.equal(total)
    })

  it('about many banners as well', async () => {
    expect((await answer(`?${TWO_DAYS}`)).total).to.equal(377)
    expect((await answer(`?${TWO_DAYS}&ids=1,2&step=hour&group=none`)).total).to.equal(77)
  })

  const refused: [question: string, says: RegExp][] = [
    [`/2?${TWO_DAYS}`, /were imported by the hour: the finest step there is "hour"/],
    [`/2?${TWO_DAYS}&step=quarter`, /banner 2 at 2024-12-1\S+ were imported by the hour/],
    [
      '/2?from=2024-12-10T10:30Z&to=2024-12-11&step=all',
      /banner 2 at 2024-12-10T10:00:00Z were imported by the hour/,
    ],
    [`/2?${TWO_DAYS}&step=day&timeZone=Asia/Kathmandu`, /were imported by the hour/],
    [
      `/3?${TWO_DAYS}&step=hour`,
      /banner 3 at 2024-12-1\S+ were imported by the day: the finest step there is "day"/,
    ],
    [
      `/3?${TWO_DAYS}&step=day&timeZone=Europe/Paris`,
      /were imported by the day: the finest step there is "day", with "timeZone" "UTC" and a range of whole days$/,
    ],
    [
      '/3?from=2024-12-10T12:00Z&to=2024-12-12&step=all',
      /banner 3 at 2024-12-10T00:00:00Z were imported by the day/,
    ],
    [
      `?${TWO_DAYS}&step=hour`,
      /banner 3 at .* were imported by the day: .* of whole days\. Or leave such banners out: name others by "ids"$/,
    ],
  ]
  for (const [question, says] of refused)
    it(`but ${question} is too fine`, async () => {
      expect(await refusal(question)).to.match(says)
    })
})
