import { expect } from 'chai'
import { stepStarts } from '../../../lib/questions/step-starts.ts'
import { entriesOf, FakeStats, NOT_FINAL, NOTHING } from './fake-stats.ts'

const ABOVE_2_53 = '9007199254740993'
const RANGE = 'from=2024-12-12&to=2024-12-14'
const SUMS = { total: '5', bots: '1', duplicates: '2' }
const CSV = { accept: 'text/csv' }

const twoPages = () => [
  entriesOf(['2024-12-12T00:00Z', '4', '0', '0'], ['2024-12-12T00:01Z', ABOVE_2_53, '7', '0']),
  entriesOf(['2024-12-12T00:03Z', '0', '0', '9']),
]

describe('The answer about one banner', () => {
  let stats: FakeStats
  beforeEach(() => {
    stats = new FakeStats()
    stats.parts = ({ from, to }) => [
      { kind: 'begun', final: NOT_FINAL },
      { kind: 'sums', range: { from, to }, sums: SUMS },
      ...twoPages().map(entries => ({ kind: 'page' as const, entries })),
    ]
  })

  it('has classes where they are not 0, and every digit', async () => {
    const { payload, headers } = await stats.get(`/stats/7?${RANGE}`)
    expect(payload).to.equal(
      '{"bannerId":7,"from":"2024-12-12T00:00:00Z","to":"2024-12-14T00:00:00Z","step":"minute","timeZone":"UTC",' +
        '"total":5,"bots":1,"duplicates":2,"finalThrough":null,"stats":[{"ts":"2024-12-12T00:00:00Z","v":4},' +
        `{"ts":"2024-12-12T00:01:00Z","v":${ABOVE_2_53},"bots":7},{"ts":"2024-12-12T00:03:00Z","v":0,"duplicates":9}]}`,
    )
    expect(headers).to.include({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'accept,accept-encoding',
    })
  })

  it('is the same for a query and for a body', async () => {
    const asked = {
      from: '2024-12-12',
      to: '2024-12-14',
      step: 'hour',
      timeZone: 'Asia/Kathmandu',
      fill: true,
    }
    const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]))
    for (const headers of [{}, CSV]) {
      const [post, get] = [
        await stats.post('/stats/7', asked, headers),
        await stats.get(`/stats/7?${query}`, headers),
      ]
      expect([get.statusCode, get.payload]).to.deep.equal([200, post.payload])
      for (const header of ['content-type', 'cache-control', 'vary', 'content-disposition'])
        expect(get.headers[header], header).to.equal(post.headers[header])
    }
  })

  it('writes times in the zone, each with the offset of its moment', async () => {
    const stepsIn = async (timeZone: string, step: 'hour' | 'day' | 'month', range: string) => {
      stats.parts = question => [
        { kind: 'begun', final: NOT_FINAL },
        { kind: 'sums', range: question, sums: NOTHING },
        {
          kind: 'page',
          entries: entriesOf(
            ...stepStarts(question).map(
              minute =>
                [new Date(minute * 60_000).toISOString(), '1', '0', '0'] as [string, string, string, string],
            ),
          ),
        },
      ]
      const { payload } = await stats.get(`/stats/7?${range}&step=${step}&timeZone=${timeZone}`)
      const { from, to, stats: entries } = JSON.parse(payload)
      return [from, ...entries.map(({ ts }: { ts: string }) => ts), to]
    }
    expect(
      await stepsIn('Europe/Berlin', 'hour', 'from=2024-10-27T01:30&to=2024-10-27T03:00:00.5'),
    ).to.deep.equal([
      '2024-10-27T01:30:00+02:00',
      '2024-10-27T01:00:00+02:00',
      '2024-10-27T02:00:00+02:00',
      '2024-10-27T02:00:00+01:00',
      '2024-10-27T03:00:00+01:00',
      '2024-10-27T03:00:00.500+01:00',
    ])
    expect(await stepsIn('Australia/Lord_Howe', 'day', 'from=2024-10-05&to=2024-10-08')).to.deep.equal([
      '2024-10-05T00:00:00+10:30',
      '2024-10-05T00:00:00+10:30',
      '2024-10-06T00:00:00+10:30',
      '2024-10-07T00:00:00+11:00',
      '2024-10-08T00:00:00+11:00',
    ])
    // The month began before the range, and before the clocks were changed.
    expect(await stepsIn('Europe/Berlin', 'month', 'from=2024-03-31T12:00&to=2024-05-01')).to.deep.equal([
      '2024-03-31T12:00:00+02:00',
      '2024-03-01T00:00:00+01:00',
      '2024-04-01T00:00:00+02:00',
      '2024-05-01T00:00:00+02:00',
    ])
    expect(await stepsIn('America/St_Johns', 'day', 'from=2024-01-01&to=2024-01-02')).to.include(
      '2024-01-01T00:00:00-03:30',
    )
  })

  it('has what it is compared with behind it, in the same form', async () => {
    const earlier = { from: new Date('2024-12-10'), to: new Date('2024-12-12') }
    stats.parts = ({ from, to }) => [
      { kind: 'begun', final: NOT_FINAL },
      { kind: 'sums', range: { from, to }, sums: NOTHING },
      ...[entriesOf(), ...twoPages(), entriesOf()].map(entries => ({ kind: 'page' as const, entries })),
      { kind: 'sums', range: earlier, sums: SUMS },
      { kind: 'page', entries: entriesOf(['2024-12-10T00:00Z', '5', '1', '2']) },
    ]
    const { payload } = await stats.get(`/stats/7?${RANGE}&step=day&compare=previous`)
    const answer = JSON.parse(payload)
    expect(answer.stats).to.have.lengthOf(3)
    expect(answer).to.deep.include({
      ...{ total: 0, bots: 0, duplicates: 0 },
      compared: {
        ...{ from: '2024-12-10T00:00:00Z', to: '2024-12-12T00:00:00Z', total: 5, bots: 1, duplicates: 2 },
        stats: [{ ts: '2024-12-10T00:00:00Z', v: 5, bots: 1, duplicates: 2 }],
      },
    })
  })

  it('is, as CSV, two columns for minutes in UTC, and all of them for the rest', async () => {
    const plain = `ts,clicks\r\n2024-12-12T00:00:00Z,4\r\n2024-12-12T00:01:00Z,${ABOVE_2_53}\r\n2024-12-12T00:03:00Z,0\r\n`
    for (const rest of ['', '&step=minute&timeZone=UTC', '&timeZone=utc', '&fill=true'])
      expect((await stats.get(`/stats/7?${RANGE}${rest}`, CSV)).payload).to.equal(plain)
    for (const [rest, offset] of [
      ['&step=quarter', 'Z'],
      ['&step=all', 'Z'],
      ['&timeZone=Etc/UTC', '+00:00'],
    ])
      expect((await stats.get(`/stats/7?${RANGE}${rest}`, CSV)).payload).to.equal(
        'banner,ts,clicks,bots,duplicates\r\n' +
          `7,2024-12-12T00:00:00${offset},4,0,0\r\n7,2024-12-12T00:01:00${offset},${ABOVE_2_53},7,0\r\n` +
          `7,2024-12-12T00:03:00${offset},0,0,9\r\n`,
      )
  })

  it('has a file name that says the step', async () => {
    const nameOf = async (query: string) => (await stats.get(query, CSV)).headers['content-disposition']
    expect(await nameOf(`/stats/7?${RANGE}`)).to.equal(
      'attachment; filename="clicks-7-20241212T000000Z-20241214T000000Z.csv"',
    )
    expect(await nameOf(`/stats/7?${RANGE}&step=day&timeZone=Asia/Kathmandu`)).to.equal(
      'attachment; filename="clicks-7-day-20241211T181500Z-20241213T181500Z.csv"',
    )
  })
})
