import { expect } from 'chai'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { setInstances } from '../../support/instances.ts'

const RANGE = 'from=2024-12-12&to=2024-12-14'
const OLD = '2024-12-12T08:00:00.999999Z'
const LAGGING = { finalThrough: '2024-12-12T08:00:00Z', heldBackBy: ['web 2, old', 'web-1:8080'] }
/** Every way to an answer: read at once and while it is sent, of one banner and of many. */
const QUESTIONS = [
  `/stats/1?${RANGE}`,
  `/stats/2?${RANGE}`,
  `/stats/2?${RANGE}&compare=previous`,
  `/stats/1?${RANGE}&step=day&fill=true`,
  `/stats/1?${RANGE}&step=all&compare=year`,
  ...['minute', 'quarter', 'hour', 'day', 'week', 'month', 'all'].map(
    step => `/stats/1?${RANGE}&step=${step}`,
  ),
  `/stats?${RANGE}`,
  `/stats?${RANGE}&top=3&compare=previous`,
  `/stats?ids=1,2,9&${RANGE}&step=day`,
  `/stats?${RANGE}&group=campaign&step=hour`,
  `/stats?${RANGE}&group=none`,
]

describe('How far an answer of /stats is final', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    await test.database.storeMinutes(
      `SELECT 1, '2024-12-12 10:00Z'::timestamptz, 4
       UNION ALL SELECT 2, minute, 1 FROM generate_series('2024-12-12Z'::timestamptz, '2024-12-13T23:59Z', '1 minute') AS minute`,
    )
  })
  after(() => test.stop())

  const get = (path: string, accept = 'application/json') => {
    return fetch(`${test.thread.url}${path}`, { headers: { accept } })
  }

  it('is what the instance says that is furthest behind, and who is, in every answer in JSON', async () => {
    await setInstances(test.database, [
      { name: 'web-1:8080', finalThrough: '2024-12-12T08:00:01Z' },
      { name: 'web 2, old', state: 'draining', finalThrough: OLD },
      { name: 'web-3:8080', finalThrough: 3 },
      { name: 'web-4:8080', state: 'stopped', finalThrough: '2020-01-01T00:00:00Z' },
      { name: 'web-5:8080', state: 'forgotten', finalThrough: '2020-01-01T00:00:00Z' },
    ])
    for (const path of QUESTIONS) {
      const answer = (await (await get(path)).json()) as { compared?: object }
      expect(answer, path).to.deep.include(LAGGING)
      expect(answer.compared ?? {}, path).not.to.have.any.keys('finalThrough', 'heldBackBy')
    }
  })

  it('stands in the headers of an answer in CSV', async () => {
    for (const path of QUESTIONS.filter(path => !path.includes('compare'))) {
      const { headers } = await get(path, 'text/csv')
      expect(headers.get('x-final-through'), path).to.equal(LAGGING.finalThrough)
      expect(headers.get('x-held-back-by'), path).to.equal('web%202%2C%20old, web-1%3A8080')
    }
  })

  it('names nobody while all are within 15 s', async () => {
    await setInstances(test.database, [
      { name: 'web-1:8080', finalThrough: 14 },
      { name: 'web-2:8080', finalThrough: 3 },
    ])
    // In whole seconds, rounded down.
    const before = Date.now() - 15_000
    const { heldBackBy, finalThrough } = (await (await get(QUESTIONS[0]!)).json()) as Record<string, string>
    expect(heldBackBy).to.equal(undefined)
    expect(Date.parse(finalThrough!)).to.be.within(before, Date.now() - 14_000)
    expect((await get(QUESTIONS[0]!, 'text/csv')).headers.has('x-held-back-by')).to.equal(false)
  })

  it('is null where no instance has a row', async () => {
    await setInstances(test.database, [{ name: 'web-1:8080', state: 'stopped', finalThrough: OLD }])
    for (const path of QUESTIONS) expect(await (await get(path)).json()).to.include({ finalThrough: null })
    expect((await get(QUESTIONS[0]!, 'text/csv')).headers.has('x-final-through')).to.equal(false)
  })
})
