import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'

const DAY = { from: '2024-12-12T00:00:00Z', to: '2024-12-13T00:00:00Z' }

describe('stats', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  const click = async (bannerId: number) => {
    const response = await fetch(`${test.thread.url}/counter/${bannerId}`)
    expect(response.status).to.equal(204)
  }
  const totalOf = async (bannerId: number) => {
    const response = await test.stats(bannerId, DAY)
    expect(response.status).to.equal(200)
    return ((await response.json()) as { total: number }).total
  }

  it('answers the documented example to the letter', async () => {
    const clicksAt = { '2024-12-12T10:00:59.999Z': 4, '2024-12-12T10:01:00Z': 2, '2024-12-12T10:04:30Z': 2 }
    for (const [time, clicks] of Object.entries(clicksAt)) {
      test.thread.clock.nowMs = Date.parse(time)
      for (let count = 0; count < clicks; count++) await click(1)
    }
    const response = await test.stats(1, '{"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z"}')
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    expect(response.headers.get('cache-control')).to.equal('no-store')
    expect(await response.text()).to.equal(
      '{"bannerId":1,"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z","step":"minute","timeZone":"UTC",' +
        '"total":8,"bots":0,"duplicates":0,"finalThrough":null,"stats":[{"ts":"2024-12-12T10:00:00Z","v":4},{"ts":"2024-12-12T10:01:00Z","v":2},{"ts":"2024-12-12T10:04:00Z","v":2}]}',
    )
  })

  it('takes a minute in by its start: from is in the range, to is not', async () => {
    for (const time of ['10:00:00.000', '10:00:59.999', '10:01:00.000', '10:02:30.000']) {
      test.thread.clock.nowMs = Date.parse(`2024-12-12T${time}Z`)
      await click(2)
    }
    const minutesBetween = async (from: string, to: string) => {
      const response = await test.stats(2, { from: `2024-12-12T${from}Z`, to: `2024-12-12T${to}Z` })
      const { total, stats } = (await response.json()) as {
        total: number
        stats: { ts: string; v: number }[]
      }
      expect(total).to.equal(stats.reduce((sum, { v }) => sum + v, 0))
      return stats.map(({ ts, v }) => `${ts.slice(11, 16)} ${v}`)
    }
    expect(await minutesBetween('10:00:00', '10:01:00')).to.deep.equal(['10:00 2'])
    expect(await minutesBetween('10:00:00', '10:01:00.001')).to.deep.equal(['10:00 2', '10:01 1'])
    expect(await minutesBetween('10:00:00.001', '10:02')).to.deep.equal(['10:01 1'])
    expect(await minutesBetween('10:00:00.0000001', '10:02')).to.deep.equal(['10:01 1'])
    expect(await minutesBetween('09:59:59.999', '10:00:00.0000001')).to.deep.equal(['10:00 2'])
    expect(await minutesBetween('10:01:30', '10:02:00')).to.deep.equal([])
    expect(await minutesBetween('10:01:30', '10:02:01')).to.deep.equal(['10:02 1'])
  })

  it('is 0 and an empty list for a banner without clicks', async () => {
    const response = await test.stats(2147483647, DAY)
    expect(response.status).to.equal(200)
    expect(await response.text()).to.equal(
      `{"bannerId":2147483647,"from":"${DAY.from}","to":"${DAY.to}","step":"minute","timeZone":"UTC",` +
        '"total":0,"bots":0,"duplicates":0,"finalThrough":null,"stats":[]}',
    )
  })

  it('is of the one banner alone', async () => {
    await Promise.all([11, 12, 12, 13, 13, 13].map(click))
    expect(await Promise.all([10, 11, 12, 13, 14].map(totalOf))).to.deep.equal([0, 1, 2, 3, 0])
  })

  it('prints every digit of sums and counts past 2^53', async () => {
    const most = 9_223_372_036_854_775_807n
    // Of several days: a day's clicks are one number of Postgres.
    await test.database.storeMinutes(
      `VALUES (3, '2024-12-12T10:00Z', 9007199254740993), (3, '2024-12-13T10:01Z', ${most}), (3, '2024-12-14T10:02Z', ${most})`,
    )
    const text = await (await test.stats(3, { from: '2024-12-12', to: '2024-12-15' })).text()
    expect(text).to.contain(`"total":${2n * most + 9007199254740993n},`)
    expect(text).to.contain('{"ts":"2024-12-12T10:00:00Z","v":9007199254740993}')
    expect(text).to.contain(`{"ts":"2024-12-14T10:02:00Z","v":${most}}`)
  })

  it('writes minutes of any year', async () => {
    const minutes = [
      '0001-01-01T00:00:00Z',
      '1969-12-31T23:59:00Z',
      '2000-02-29T12:34:00Z',
      '9999-12-30T23:59:00Z',
    ]
    for (const ts of minutes) {
      await test.database.storeMinutes('VALUES (4, $1, 7)', [ts])
      const day = { from: ts.slice(0, 10), to: new Date(Date.parse(ts) + 60_000).toISOString() }
      const { stats } = (await (await test.stats(4, day)).json()) as { stats: unknown }
      expect(stats).to.deep.equal([{ ts, v: 7 }])
    }
  })

  it('goes over the edges of its pages without a gap or a doubled minute', async () => {
    await test.database.storeMinutes(
      `SELECT 5, minute, 1
       FROM generate_series('2024-01-01Z'::timestamptz, '2024-01-21T00:00Z', '2 minutes') AS minute`,
    )
    const days = [7, 6.945_833_333, 6.944_444_444, 13.888_888_888, 14, 20]
    for (const count of days) {
      const to = new Date(Date.parse('2024-01-01Z') + Math.round(count * 1440) * 60_000).toISOString()
      const response = await test.stats(5, { from: '2024-01-01', to })
      const { total, stats } = (await response.json()) as { total: number; stats: { ts: string }[] }
      const expected = Array.from({ length: Math.ceil(Math.round(count * 1440) / 2) }, (_, index) =>
        new Date(Date.parse('2024-01-01Z') + index * 120_000).toISOString().replace('.000', ''),
      )
      expect(stats.map(({ ts }) => ts)).to.deep.equal(expected)
      expect(total).to.equal(expected.length)
    }
  })

  it('has every click that was answered before, without waiting', async () => {
    for (let clicks = 1; clicks <= 200; clicks++) {
      await click(6)
      expect(await totalOf(6)).to.equal(clicks)
    }
  })

  it('shares flushes between questions that come together', async () => {
    const generation = test.thread.generations.current
    const bannerIds = Array.from({ length: 20 }, (_, index) => 700 + index)
    await Promise.all(bannerIds.map(click))
    expect(await Promise.all(bannerIds.map(totalOf))).to.deep.equal(bannerIds.map(() => 1))
    expect(test.thread.generations.current - generation).to.be.below(10)
  })

  it('answers questions while clicks keep coming, each total between what was sent before and after', async () => {
    let sent = 0
    let isOver = false
    const clicking = (async () => {
      while (!isOver) {
        await click(8)
        sent++
      }
    })()
    for (let question = 0; question < 30; question++) {
      const acknowledged = sent
      const total = await totalOf(8)
      expect(total).to.be.within(acknowledged, sent + 1)
    }
    isOver = true
    await clicking
    expect(await totalOf(8)).to.equal(sent)
  })

  it('compresses for those who ask for it', async () => {
    const response = await fetch(`${test.thread.url}/stats/5`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip' },
      body: JSON.stringify({ from: '2024-01-01', to: '2024-01-21' }),
    })
    expect(response.headers.get('content-encoding')).to.equal('gzip')
    expect(((await response.json()) as { stats: unknown[] }).stats).to.have.length(14_400)
  })
})
