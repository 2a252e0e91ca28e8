import { expect } from 'chai'
import type pg from 'pg'
import { openPool } from '../../../db/connection/connect.ts'
import { StatsReader } from '../../../db/stats/read-stats.ts'
import { QuestionTooLargeError, TooFineError, TooManyReadersError } from '../../../lib/base/errors.ts'
import type { BannerChoice, ManyQuestion } from '../../../lib/questions/question.ts'
import { parseTime } from '../../../lib/questions/time.ts'
import { createTestDatabase, type TestDatabase, withClient } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const SHORT_MS = 5000

describe('a reader of clicks refuses', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let reader: StatsReader
  before(async () => {
    database = await createTestDatabase()
    // Places for one long answer, for one short question about many, and a connection for all others.
    // With one host, it is the driver's.
    pool = openPool(database.server, 'clickcounter test', 3) as pg.Pool
    reader = new StatsReader(pool)
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })
  beforeEach(async () => {
    await database.query('TRUNCATE click_minutes, click_quarters, click_days, click_imported')
    await setHistory({ until: '2026-11-01' })
  })

  async function setHistory(history: { until: string; minutesFrom?: string; quartersFrom?: string }) {
    const times = [history.until, history.minutesFrom, history.quartersFrom].map(time => time && `${time}Z`)
    await database.query(
      'UPDATE click_history SET quarters_until = $1, days_until = $1, minutes_from = $2, quarters_from = $3',
      times,
    )
  }

  interface Asked extends Partial<Omit<ManyQuestion, 'from' | 'to'>> {
    readonly from: string
    readonly to: string
  }

  function questionOf({ from, to, timeZone = 'UTC', ...asked }: Asked): ManyQuestion {
    const range = { from: parseTime(from, timeZone)!, to: parseTime(to, timeZone)! }
    const usual = {
      step: 'all',
      fill: false,
      compare: null,
      choice: ids(7),
      group: 'banner',
      top: null,
    } as const
    return { ...usual, ...range, timeZone, ...asked }
  }

  const ask = (asked: Asked, signal = AbortSignal.timeout(SHORT_MS)) =>
    reader.readMany(questionOf(asked), { client: 'somebody', signal })
  const askOne = (bannerId: number, asked: Asked) =>
    Array.fromAsync(reader.read(bannerId, questionOf(asked), asker()))

  /** The message of a question's error, which is of that kind. The connection is as good as before. */
  async function refusal(kind: new (...of: never[]) => Error, answer: Promise<unknown>): Promise<string> {
    const connections = pool.totalCount
    const error = await answer.then(
      () => null,
      (error: Error) => error,
    )
    expect(error).to.be.instanceOf(kind)
    expect(pool.totalCount).to.be.at.least(connections)
    return error!.message
  }

  describe('what is too fine', () => {
    it('for minutes that were dropped, and says that quarters are there', async () => {
      await setHistory({ until: '2026-11-01', minutesFrom: '2026-09-01' })
      const says = /minutes are kept since 2026-09-01T00:00:00Z: the finest step before that is "quarter"/
      const minutes: Asked = { step: 'minute', from: '2026-08-31T23:00', to: '2026-09-01T01:00' }
      expect(await refusal(TooFineError, ask(minutes))).to.match(says)
      expect(await refusal(TooFineError, askOne(7, minutes))).to.match(says)
      const odd: Asked = { step: 'day', from: '2026-08-01T00:01', to: '2026-09-02' }
      expect(await refusal(TooFineError, ask(odd))).to.match(says)
      await ask({ ...minutes, step: 'quarter' })
      await ask({ ...odd, from: '2026-08-01T00:15', timeZone: 'Asia/Kathmandu' })
      await askOne(7, { ...minutes, from: '2026-09-01' })
    })

    it('for quarters that were dropped, and says that days are there', async () => {
      await setHistory({ until: '2026-11-01', minutesFrom: '2026-09-01', quartersFrom: '2026-06-01' })
      const says =
        /only days of UTC are kept of the time before 2026-06-01T00:00:00Z: the finest step there is "day"/
      const hours: Asked = { step: 'hour', from: '2026-05-31', to: '2026-06-02' }
      expect(await refusal(TooFineError, ask(hours))).to.match(says)
      const berlin: Asked = { step: 'day', from: '2026-05-01', to: '2026-06-02', timeZone: 'Europe/Berlin' }
      expect(await refusal(TooFineError, askOne(7, berlin))).to.match(says)
      const fromMidnight = { ...berlin, from: '2026-05-01T00:00Z', to: '2026-05-31T00:00Z' }
      expect(await refusal(TooFineError, askOne(7, fromMidnight))).to.match(says)
      const minutes: Asked = { step: 'minute', from: '2026-05-01', to: '2026-05-02' }
      expect(await refusal(TooFineError, askOne(7, minutes))).to.match(says)
      await ask({ ...berlin, timeZone: 'UTC' })
      await ask({ ...hours, from: '2026-06-01' })
    })

    it('in the range to compare with as well', async () => {
      await setHistory({ until: '2026-11-01', minutesFrom: '2026-09-01' })
      const hour: Asked = { step: 'minute', from: '2026-09-01', to: '2026-09-01T01:00', compare: 'previous' }
      expect(await refusal(TooFineError, askOne(7, hour))).to.include('minutes are kept since')
    })

    it('for clicks that were imported by hours or days, of those banners', async () => {
      await database.query(`INSERT INTO click_imported VALUES
        (7, '2026-03-02 10:00Z', 'hour', gen_random_uuid(), 5), (8, '2026-03-02 00:00Z', 'day', gen_random_uuid(), 6)`)
      await database.query(
        "INSERT INTO click_days VALUES (7, '2026-03-02Z', 5, 0, 0), (8, '2026-03-02Z', 6, 0, 0)",
      )
      const day = { from: '2026-03-02', to: '2026-03-03' }
      const hour =
        /clicks of banner 7 at 2026-03-02T10:00:00Z were imported by the hour: the finest step there is "hour", in hours of UTC/
      const whole =
        /clicks of banner 8 at 2026-03-02T00:00:00Z were imported by the day: the finest step there is "day", with "timeZone" "UTC"/
      const refused: readonly [Asked, RegExp][] = [
        [{ ...day, step: 'quarter' }, hour],
        [{ ...day, step: 'minute' }, hour],
        [{ ...day, step: 'hour', timeZone: 'Asia/Kolkata' }, hour],
        [{ ...day, from: '2026-03-02T10:15' }, hour],
        [{ ...day, to: '2026-03-02T10:45' }, hour],
        [{ ...day, step: 'hour', choice: ids(7, 8) }, whole],
        [
          { from: '2026-03-01', to: '2026-03-03', step: 'day', timeZone: 'Europe/Berlin', choice: ids(8) },
          whole,
        ],
        [{ from: '2026-03-01', to: '2026-03-02T12:00', choice: { kind: 'all' }, top: 3 }, whole],
      ]
      for (const [asked, says] of refused) expect(await refusal(TooFineError, ask(asked))).to.match(says)
      expect(await refusal(TooFineError, askOne(7, { ...day, step: 'minute' }))).to.match(hour)
      await ask({ ...day, step: 'hour', timeZone: 'Europe/Berlin' })
      await ask({ ...day, step: 'quarter', choice: ids(9) })
      await askOne(7, { ...day, from: '2026-03-02T11:00', step: 'minute' })
      const { sums } = await ask({
        from: '2026-02-28',
        to: '2026-03-04',
        step: 'day',
        choice: { kind: 'all' },
        top: 3,
      })
      expect(sums.total).to.equal('11')
    })
  })

  describe('what is too large', () => {
    const tooLarge = (asked: Asked) => refusal(QuestionTooLargeError, ask(asked))

    it('in entries', async () => {
      const says = (steps: number) => `an answer has at most 50000 entries, and this one would have ${steps}`
      const hours: Asked = { step: 'hour', from: '2016-11-01', to: '2026-11-01' }
      expect(await tooLarge(hours)).to.include(`${says(87_648)}: ask for a coarser step`)
      expect(await refusal(QuestionTooLargeError, askOne(7, { ...hours, fill: true }))).to.include(
        says(87_648),
      )
      const days: Asked = { step: 'day', from: '2026-01-01', to: '2026-02-20', choice: ids(...upTo(1000)) }
      expect((await ask(days)).groups).to.have.length(1000)
      expect(await tooLarge({ ...days, to: '2026-02-21' })).to.include(`${says(51)} for each of 1000 groups`)
    })

    it('in groups', async () => {
      await database.query(
        "INSERT INTO click_days SELECT id, '2026-03-02Z', 1, 0, 0 FROM generate_series(1, 1001) AS id",
      )
      const all: Asked = { from: '2026-03-01', to: '2026-04-01', choice: { kind: 'all' } }
      expect(await tooLarge(all)).to.match(
        /at most 1000 groups, and there are more: ask for the first of them \("top"\)/,
      )
      expect((await ask({ ...all, top: 1000 })).sums.total).to.equal('1001')
      expect((await ask({ ...all, group: 'none' })).sums.total).to.equal('1001')
    })

    it('in rows that Postgres would read', async () => {
      const clicked = (hours: string) =>
        database.storeMinutes(`SELECT id, '2026-10-31Z'::timestamptz + hour * interval '1 hour', 1
          FROM generate_series(1, 5000) AS id, unnest('{${hours}}'::int[]) AS hour`)
      const years: Asked = { from: '2020-11-01', to: '2026-11-01', choice: { kind: 'all' }, top: 10 }
      await clicked('6')
      expect((await ask({ ...years, step: 'month', timeZone: 'Asia/Tokyo' })).groups).to.have.length(10)
      // As many in each quarter of an hour as in a day.
      await clicked('0,12,18')
      expect((await ask({ ...years, step: 'month' })).groups).to.have.length(10)
      const says = await tooLarge({ ...years, step: 'month', timeZone: 'Asia/Tokyo', to: '2026-11-01T09:01' })
      expect(says).to.match(
        /^at most 12000000 rows are read for an answer, and this one may need \d+, of 5000 banners/,
      )
      expect(says).to.match(/a shorter range, fewer banners, a coarser step, or for whole days of UTC/)
      expect(
        await tooLarge({ ...years, step: 'day', timeZone: 'Asia/Tokyo', choice: ids(...upTo(200)) }),
      ).to.match(/of 200 banners/)
    })

    it('but not for time to come', async () => {
      expect(
        (await ask({ from: '2027-01-01', to: '2036-01-01', choice: ids(...upTo(1000)) })).sums.total,
      ).to.equal('0')
    })
  })

  it('what Postgres does not come to an end with in time, about one banner and about many', async () => {
    const days: Asked = { step: 'day', from: '2026-03-01', to: '2026-04-01' }
    const asks = [
      () => ask(days),
      () => askOne(7, days),
      () => askOne(7, { ...days, step: 'minute' }),
      () => askOne(7, { ...days, step: 'hour', from: '2021-03-01' }),
    ]
    for (const ask of asks)
      expect(await cutWhileLocked(ask)).to.match(/^Postgres did not come to an end with it in time/)
  })

  /** What is said when Postgres ends the query, which waits for a table, as it does when its time is over. */
  async function cutWhileLocked(ask: () => Promise<unknown>): Promise<string> {
    return await withClient(database.server, async client => {
      await client.query('BEGIN; LOCK TABLE click_imported, click_days')
      const answer = ask()
      answer.catch(() => {})
      await until(async () => {
        const pids = await database.waiting()
        await database.query('SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid', [pids])
        return pids.length > 0
      })
      const error = await answer.then(
        () => null,
        (error: Error) => error,
      )
      expect(error).to.be.instanceOf(QuestionTooLargeError)
      return error!.message
    })
  }

  it('a long answer without a place, and lets short ones by', async () => {
    await database.storeMinutes(
      `SELECT 7, minute, 1 FROM generate_series('2026-11-02Z'::timestamptz, '2026-11-04Z', '1 minute') AS minute`,
    )
    const minutes = questionOf({ step: 'minute', from: '2026-11-01', to: '2026-11-05' })
    const stream = reader.read(7, minutes, asker())
    expect((await stream.next()).value).to.deep.include({ kind: 'begun' })

    const long: Asked = { from: '2026-11-01', to: '2026-11-05', choice: { kind: 'all' }, top: 1 }
    await refusal(TooManyReadersError, ask(long, AbortSignal.timeout(100)))
    const many = await Promise.all(upTo(10).map(() => ask({ ...long, choice: ids(7, 8), top: null })))
    for (const { sums } of many) expect(sums.total).to.equal('2881')
    await askOne(7, { step: 'day', from: '2026-01-01', to: '2026-11-05', timeZone: 'Asia/Kathmandu' })
    await stream.return()
    expect((await ask(long)).sums.total).to.equal('2881')
  })
})

function ids(...ids: number[]): BannerChoice {
  return { kind: 'ids', ids }
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, nth) => nth + 1)
}

function asker() {
  return { client: 'somebody', signal: AbortSignal.timeout(SHORT_MS) }
}
