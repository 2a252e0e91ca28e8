import { expect } from 'chai'
import type { TimeRange } from '../../../lib/questions/time-range.ts'
import { entriesOf, FakeStats, NOT_FINAL, NOTHING } from './fake-stats.ts'

const ABOVE_2_53 = '9007199254740993'
const RANGE = 'from=2024-12-12&to=2024-12-14'
const SUMS = { total: '5', bots: '1', duplicates: '2' }
const CSV = { accept: 'text/csv' }

describe('The answer about many banners', () => {
  let stats: FakeStats
  const entries = () => entriesOf(['2024-12-12T00:00Z', '5', '1', '2'])
  const inCampaign = (campaign: string | null) => ({ of: { campaign }, ...SUMS, entries })

  beforeEach(() => {
    stats = new FakeStats()
    stats.many = ({ from, to, group, step, compare }) => {
      // In each range, the entries are of its first minute.
      const stats = (
        range: TimeRange,
        entries = () => entriesOf([range.from.toISOString(), '5', '1', '2']),
      ) => ({
        ...{ range, sums: { total: ABOVE_2_53, bots: '3', duplicates: '4' } },
        entries: group === 'none' && step !== 'all' ? entries : null,
        groups: {
          banner: [
            { of: { bannerId: 9, name: 'a "b"\\\u2028' }, ...SUMS, entries: step === 'all' ? null : entries },
            {
              of: { bannerId: 2, name: null },
              ...NOTHING,
              entries: step === 'all' ? null : () => entriesOf(),
            },
          ],
          campaign: [
            { of: { campaign: 'autumn' }, ...SUMS, entries: step === 'all' ? null : entries },
            { of: { campaign: null }, ...NOTHING, entries: step === 'all' ? null : () => entriesOf() },
          ],
          none: [],
        }[group],
      })
      const earlier = { from: new Date('2023-12-12'), to: new Date('2023-12-14') }
      return { final: NOT_FINAL, ...stats({ from, to }), compared: compare === null ? null : stats(earlier) }
    }
  })

  const all = { total: Number(ABOVE_2_53), bots: 3, duplicates: 4 }
  const sums = { total: 5, bots: 1, duplicates: 2 }
  const none = { total: 0, bots: 0, duplicates: 0 }
  const asked = { from: '2024-12-12T00:00:00Z', to: '2024-12-14T00:00:00Z', timeZone: 'UTC' }
  const entry = { ts: '2024-12-12T00:00:00Z', v: 5, bots: 1, duplicates: 2 }

  it('has sums alone, unless a step was asked for', async () => {
    const { payload } = await stats.get(`/stats?${RANGE}`)
    expect(payload).to.include(`"total":${ABOVE_2_53},`)
    expect(JSON.parse(payload)).to.deep.equal({
      ...{ ...asked, step: 'all', ...all, finalThrough: null },
      banners: [
        { bannerId: 9, name: 'a "b"\\\u2028', ...sums },
        { bannerId: 2, name: null, ...none },
      ],
    })
  })

  it('has the entries of each banner, or of each campaign', async () => {
    expect(JSON.parse((await stats.get(`/stats?${RANGE}&step=day`)).payload)).to.deep.equal({
      ...{ ...asked, step: 'day', ...all, finalThrough: null },
      banners: [
        { bannerId: 9, name: 'a "b"\\\u2028', ...sums, stats: [entry] },
        { bannerId: 2, name: null, ...none, stats: [] },
      ],
    })
    expect(JSON.parse((await stats.get(`/stats?${RANGE}&step=day&group=campaign`)).payload)).to.deep.equal({
      ...{ ...asked, step: 'day', ...all, finalThrough: null },
      campaigns: [
        { campaign: 'autumn', ...sums, stats: [entry] },
        { campaign: null, ...none, stats: [] },
      ],
    })
  })

  it('has the entries of all together, and no list of groups', async () => {
    expect(JSON.parse((await stats.get(`/stats?${RANGE}&step=day&group=none`)).payload)).to.deep.equal({
      ...{ ...asked, step: 'day', ...all, finalThrough: null, stats: [entry] },
    })
    expect(JSON.parse((await stats.get(`/stats?${RANGE}&group=none`)).payload)).to.deep.equal({
      ...{ ...asked, step: 'all', ...all, finalThrough: null },
    })
  })

  it('has one entry for `all` when that was asked for, with its sums; none without clicks, unless it is filled', async () => {
    const listsOf = async (rest: string) =>
      JSON.parse((await stats.get(`/stats?${RANGE}&step=all${rest}`)).payload).banners.map(
        ({ stats }: { stats: object }) => stats,
      )
    expect(await listsOf('')).to.deep.equal([[entry], []])
    expect(await listsOf('&fill=true')).to.deep.equal([[entry], [{ ts: '2024-12-12T00:00:00Z', v: 0 }]])
  })

  it('has what it is compared with, with the same groups', async () => {
    const earlier = { from: '2023-12-12T00:00:00Z', to: '2023-12-14T00:00:00Z' }
    const { compared } = JSON.parse((await stats.get(`/stats?${RANGE}&compare=year`)).payload)
    expect(compared).to.deep.include({ ...earlier, ...all })
    expect(compared.banners.map(({ bannerId }: { bannerId: number }) => bannerId)).to.deep.equal([9, 2])
    const summed = JSON.parse((await stats.get(`/stats?${RANGE}&compare=year&group=none&step=day`)).payload)
    expect(summed.compared).to.deep.equal({
      ...{ ...earlier, ...all },
      stats: [{ ...entry, ts: earlier.from }],
    })
  })

  it('is, as CSV, a line for each entry, and for `all` one for each group', async () => {
    const csvOf = async (rest: string) => (await stats.get(`/stats?${RANGE}${rest}`, CSV)).payload
    const columns = 'ts,clicks,bots,duplicates\r\n'
    const line = '2024-12-12T00:00:00Z,5,1,2\r\n'
    const empty = '2024-12-12T00:00:00Z,0,0,0\r\n'
    expect(await csvOf('')).to.equal(`banner,${columns}9,${line}2,${empty}`)
    expect(await csvOf('&step=all')).to.equal(`banner,${columns}9,${line}2,${empty}`)
    expect(await csvOf('&step=day')).to.equal(`banner,${columns}9,${line}`)
    expect(await csvOf('&group=campaign')).to.equal(`campaign,${columns}autumn,${line},${empty}`)
    expect(await csvOf('&step=minute&group=none')).to.equal(`${columns}${line}`)
    expect(await csvOf('&group=none')).to.equal(`${columns}2024-12-12T00:00:00Z,${ABOVE_2_53},3,4\r\n`)
  })

  it('has campaigns in CSV as one cell each, which no spreadsheet computes', async () => {
    const cells = {
      'plain, not': '"plain, not"',
      'a "b"': '"a ""b"""',
      'a;b': '"a;b"',
      '=1+1': "'=1+1",
      '+49': "'+49",
      '-5 %': "'-5 %",
      '@SUM(A1)': "'@SUM(A1)",
      "'=1": "''=1",
      '=HYPERLINK("http://evil.example","a")': `"'=HYPERLINK(""http://evil.example"",""a"")"`,
      'ünï = 1': 'ünï = 1',
    }
    stats.many = ({ from, to }) => ({
      ...{ range: { from, to }, sums: SUMS, entries: null, compared: null },
      final: NOT_FINAL,
      groups: Object.keys(cells).map(inCampaign),
    })
    const { payload } = await stats.get(`/stats?${RANGE}&group=campaign&step=day`, CSV)
    expect(payload.split('\r\n').slice(1, -1)).to.deep.equal(
      Object.values(cells).map(cell => `${cell},2024-12-12T00:00:00Z,5,1,2`),
    )
    const { payload: json } = await stats.get(`/stats?${RANGE}&group=campaign&step=day`)
    expect(JSON.parse(json).campaigns.map(({ campaign }: { campaign: string }) => campaign)).to.deep.equal(
      Object.keys(cells),
    )
  })

  it('has a file name that says what and in which steps', async () => {
    const nameOf = async (rest: string) =>
      (await stats.get(`/stats?${RANGE}${rest}`, CSV)).headers['content-disposition']
    const times = '20241212T000000Z-20241214T000000Z.csv'
    expect(await nameOf('')).to.equal(`attachment; filename="clicks-banners-all-${times}"`)
    expect(await nameOf('&group=campaign&step=minute')).to.equal(
      `attachment; filename="clicks-campaigns-${times}"`,
    )
    expect(await nameOf('&group=none&step=day')).to.equal(`attachment; filename="clicks-sum-day-${times}"`)
    expect((await stats.get(`/stats?${RANGE}`)).headers).not.to.have.property('content-disposition')
  })
})
