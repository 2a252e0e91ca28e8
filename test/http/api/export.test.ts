import { expect } from 'chai'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { setInstances } from '../../support/instances.ts'

const FROM = '2024-12-10T00:00:00Z'
const TO = '2024-12-13T00:00:00Z'
const RANGE = `from=${FROM}&to=${TO}`
const STEPS = { minute: '1 minute', quarter: '15 minutes', hour: '1 hour', day: '1 day' } as const
/** So many banners, each clicked in some of the minutes of three days, with filtered clicks among them. */
const CLICKS = `SELECT banner, minute, (banner + extract(epoch FROM minute)::bigint / 60) % 5, banner % 2, banner % 3
  FROM generate_series(1, 7) AS banner,
    generate_series('2024-12-09T23:50Z'::timestamptz, '2024-12-13T00:10Z', '7 minutes') AS minute`
const MANY = 40_000

interface Line {
  readonly ts: string
  readonly bannerId: number
  readonly clicks: number
  readonly bots: number
  readonly duplicates: number
}

describe('GET /export', function () {
  this.timeout(30_000)
  let test: HttpTest
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${test.thread.url}/export?${query}`, { headers })
  const linesOf = async (query: string): Promise<Line[]> => {
    const response = await get(query)
    const text = await response.text()
    expect(response.status, text).to.equal(200)
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Line)
  }
  /** What the minutes say. */
  const expected = async (step: keyof typeof STEPS): Promise<Line[]> => {
    const rows = await test.database.query<Line & { at: number }>(
      `SELECT extract(epoch FROM at)::float8 AS at, banner_id::int AS "bannerId", sum(clicks)::int AS clicks,
         sum(bots)::int AS bots, sum(duplicates)::int AS duplicates
       FROM (SELECT *, date_bin($1::interval, minute, '2024-01-01Z') AS at FROM click_minutes) AS binned
       WHERE minute >= $2 AND minute < $3
       GROUP BY at, banner_id HAVING sum(clicks + bots + duplicates) > 0 ORDER BY at, banner_id`,
      [STEPS[step], FROM, TO],
    )
    return rows.map(({ at, ...row }) => ({
      ts: new Date(Number(at) * 1000).toISOString().replace('.000Z', 'Z'),
      ...(row as Omit<Line, 'ts'>),
    }))
  }

  before(async () => {
    test = await startHttpTest()
    await test.database.storeMinutes(CLICKS)
    await setInstances(test.database, [{ name: 'a', finalThrough: 3 }])
  })
  after(() => test.stop())
  afterEach(() => setInstances(test.database, [{ name: 'a', finalThrough: 3 }]))

  for (const step of Object.keys(STEPS) as (keyof typeof STEPS)[])
    it(`has each ${step} of each banner, ascending, also where it is not summed up yet`, async () => {
      const lines = await expected(step)
      for (const until of ['2024-12-20T00:00Z', '2024-12-11T10:30Z', '2024-12-01T00:00Z']) {
        // The row of a day that is not whole yet would have a part of it: here all are whole.
        await test.database.query(
          "UPDATE click_history SET quarters_until = $1, days_until = date_trunc('day', $1::timestamptz, 'UTC')",
          [until],
        )
        expect(await linesOf(`${RANGE}&step=${step}`), until).to.deep.equal(lines)
      }
    })

  it('goes on behind any line', async () => {
    const lines = await linesOf(`${RANGE}&step=quarter`)
    for (let nth = 0; nth < lines.length; nth += 97) {
      const { ts, bannerId } = lines[nth]!
      expect(await linesOf(`${RANGE}&step=quarter&after=${ts},${bannerId}`)).to.deep.equal(
        lines.slice(nth + 1),
      )
    }
    const last = lines.at(-1)!
    expect(await linesOf(`${RANGE}&step=quarter&after=${last.ts},${last.bannerId}`)).to.deep.equal([])
  })

  it('has only what is final at all instances, and says up to when', async () => {
    await setInstances(test.database, [
      { name: 'a', finalThrough: '2024-12-11T12:44:59Z' },
      { name: 'b', finalThrough: '2024-12-12T12:00:00Z' },
      { name: 'gone', state: 'stopped', finalThrough: '2024-12-01T12:00:00Z' },
    ])
    const response = await get(`${RANGE}&step=quarter`)
    expect(response.headers.get('x-export-to')).to.equal('2024-12-11T12:30:00Z')
    expect(response.headers.get('x-final-through')).to.equal('2024-12-11T12:44:59Z')
    const text = await response.text()
    expect(text).to.include('"ts":"2024-12-11T12:15:00Z"').and.not.include('2024-12-11T12:30')
    await setInstances(test.database, [])
    const nothing = await get(`${RANGE}&step=day`)
    expect([nothing.headers.get('x-export-to'), await nothing.text()]).to.deep.equal([FROM, ''])
  })

  it('is CSV for those who ask', async () => {
    const lines = await expected('hour')
    const response = await get(`${RANGE}&step=hour`, { accept: 'text/csv' })
    expect(response.headers.get('content-type')).to.equal('text/csv; charset=utf-8')
    const rows = (await response.text()).split('\r\n')
    expect(rows[0]).to.equal('ts,banner,clicks,bots,duplicates')
    expect(rows.slice(1, -1)).to.deep.equal(
      lines.map(({ ts, bannerId, clicks, bots, duplicates }) =>
        [ts, bannerId, clicks, bots, duplicates].join(),
      ),
    )
  })

  it('holds little of many banners at once', async () => {
    await test.database.storeMinutes(
      "SELECT banner, '2024-11-02T10:00Z'::timestamptz, 1 FROM generate_series(1, $1::int) AS banner",
      [MANY],
    )
    const response = await get('from=2024-11-02&to=2024-11-03&step=minute')
    let [count, longest] = [0, 0]
    for await (const piece of response.body! as unknown as AsyncIterable<Uint8Array>) {
      longest = Math.max(longest, piece.length)
      count += Buffer.from(piece).toString().split('\n').length - 1
    }
    expect(count).to.equal(MANY)
    expect(longest).to.be.lessThan(2 ** 17)
  })

  for (const [query, words] of [
    ['', /"from" is missing: an export has "from", "to" and "step"/],
    [RANGE, /"step" is missing: an export has/],
    [`${RANGE}&step=week`, /"step" must be one of \[minute, quarter, hour, day\]/],
    [`${RANGE}&step=hours`, /did you mean hour\?/],
    [`${RANGE}&steps=hour`, /there is no parameter "steps" \(did you mean step\?\)/],
    [`from=2024-12-10T00:10Z&to=${TO}&step=hour`, /"from" must be a time at which a step of "hour" begins/],
    [`from=${FROM}&to=2024-12-10T00:00:30Z&step=minute`, /"to" must be a time at which a step of "minute"/],
    [`from=${TO}&to=${FROM}&step=day`, /"from" must be before "to"/],
    ['from=2020-01-01&to=2024-01-01&step=day', /must not be longer than 366 days/],
    [`${RANGE}&step=hour&after=7`, /"after" must be the time and the banner of a line/],
    [`${RANGE}&step=hour&after=2024-12-10T10:30Z,7`, /"after" must be a line of this export/],
    [`${RANGE}&step=hour&after=2024-12-13T00:00Z,7`, /"after" must be a line of this export/],
    [`${RANGE}&step=hour&after=2024-12-10T10:00Z,2147483648`, /"after" must be the time and the banner/],
  ] as const)
    it(`is refused, and says what would be right: ${query}`, async () => {
      const response = await get(query)
      expect(expectError(response.status, await response.text(), 400)).to.match(words)
    })

  it('is refused for steps that are finer than what is kept, before its first line', async () => {
    await test.database.query("UPDATE click_history SET minutes_from = '2024-12-11T00:00Z'")
    const response = await get(`${RANGE}&step=minute`)
    expect(expectError(response.status, await response.text(), 400)).to.match(/minutes are kept since/)
    await test.database.query('UPDATE click_history SET minutes_from = NULL')
    await test.database.query(
      "INSERT INTO click_imported VALUES (3, '2024-12-11T00:00Z', 'day', gen_random_uuid(), 5)",
    )
    const imported = await get(`${RANGE}&step=hour`)
    expect(expectError(imported.status, await imported.text(), 400)).to.match(/were imported by the day/)
    await test.database.query('DELETE FROM click_imported')
  })
})
