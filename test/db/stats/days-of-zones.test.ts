import { expect } from 'chai'
import type pg from 'pg'
import { connect, openPool } from '../../../db/connection/connect.ts'
import type { ConnectionPool } from '../../../db/connection/hosts-pool.ts'
import { ensureMonths, MONTHLY_TABLES, monthOf } from '../../../db/history/months.ts'
import { rollUp } from '../../../db/history/roll-up.ts'
import { StepSize } from '../../../db/history/step-size.ts'
import { StatsReader } from '../../../db/stats/read-stats.ts'
import { TooFineError } from '../../../lib/base/errors.ts'
import type { ManyQuestion } from '../../../lib/questions/question.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import type { Row } from '../../support/rows.ts'
import { beginAt, flush, minuteOf } from '../history/history-support.ts'
import { type MinuteRow, plainAnswer, plainly } from './plain-answer.ts'

const DAY = 1440
/** Clicks are within so many days of a change of clocks. */
const REACH_DAYS = 4
/** 1 is clicked all the time, 2 in one quarter of each day, which a day of some zones has to get from another one. */
const IDS = [1, 2]

const changes = [
  { zone: 'Europe/Berlin', change: '2024-10-27T01:00', has: 'a day of 25 hours' },
  { zone: 'Europe/Berlin', change: '2024-03-31T01:00', has: 'a day of 23 hours' },
  { zone: 'America/New_York', change: '2024-11-03T06:00', has: 'days that begin in the morning, UTC' },
  { zone: 'America/St_Johns', change: '2024-03-10T05:30', has: 'an offset with half an hour' },
  { zone: 'Asia/Kathmandu', change: '2024-12-31T18:15', has: 'an offset with 45 minutes' },
  { zone: 'Australia/Lord_Howe', change: '2024-04-06T15:00', has: 'a day of 24 hours and a half' },
  { zone: 'Pacific/Apia', change: '2011-12-30T10:00', has: 'no 30 December' },
] as const

describe('days of a zone, of which most of the clicks are read from days of UTC', () => {
  let database: TestDatabase
  let client: pg.Client
  let pool: ConnectionPool
  let reader: StatsReader
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    pool = openPool(database.server, 'clickcounter test', 4)
    reader = new StatsReader(pool)
    const edges = changes.flatMap(({ change }) => [-1, 1].map(sign => minuteOf(change) + sign * 5 * DAY))
    for (const table of MONTHLY_TABLES) await ensureMonths(client, table, edges.map(monthOf))
  })
  after(async () => {
    await Promise.all([pool.end(), client.end()])
    await database.drop()
  })
  beforeEach(() => database.query('TRUNCATE click_minutes, click_quarters, click_days, click_imported'))

  /** Stores rows, and sums up the quarters that end up to `until`, in minutes since the epoch. */
  async function store(rows: readonly Row[], until: number): Promise<void> {
    await beginAt(database, timeOf(Math.floor(rows[0]![1] / DAY) * DAY))
    await flush(client, rows)
    const size = new StepSize(1000)
    for (let quarters = 1; quarters < 2 * 96 * REACH_DAYS; quarters *= 2) size.took(quarters, 1)
    for (const kind of ['quarters', 'days'] as const)
      expect(await rollUp(client, kind, { size, waitMs: 200, nowMinute: until + 3 })).to.equal('done')
  }

  const ask = (question: ManyQuestion) =>
    reader.readMany(question, { client: 'somebody', signal: AbortSignal.timeout(5000) })

  for (const { zone, change, has } of changes)
    it(`are those of the minutes alone, in ${zone} with ${has}`, async () => {
      const moment = minuteOf(change)
      const rows = rowsAround(moment)
      // Within a day, within the last hours of one, and behind all of them.
      for (const daysBehind of [0.3, 1.98, REACH_DAYS + 1]) {
        await database.query('TRUNCATE click_minutes, click_quarters, click_days')
        await store(rows, quarterOf(moment + daysBehind * DAY))
        for (const step of ['day', 'week'] as const)
          for (const [before, behind] of [
            [3 * DAY, 3 * DAY],
            [2 * DAY + 437, DAY + 61],
          ] as const) {
            const question = questionOf(step, zone, moment - before, moment + behind)
            expect(plainly(await ask(question))).to.deep.equal(plainAnswer(rows.map(minuteRow), [], question))
          }
      }
    })

  it('leave the first hours of the running day, which have no noon, where they are', async () => {
    const midnight = minuteOf('2024-10-26T00:00')
    const rows = rowsAround(midnight)
    await store(rows, midnight + 60)
    const hours: ManyQuestion = { ...questionOf('day', 'UTC', midnight, midnight + 180), step: 'hour' }
    expect(plainly(await ask(hours))).to.deep.equal(plainAnswer(rows.map(minuteRow), [], hours))
  })

  it('have what was imported by the hour or the day, or are refused', async () => {
    const midnight = minuteOf('2024-10-26T00:00')
    const rows = rowsAround(midnight)
    await store(rows, midnight + (REACH_DAYS + 1) * DAY)
    // The last hour of a day of UTC is of the next day in Berlin.
    const hour: Row = [3, midnight + 23 * 60, 5]
    const day: Row = [4, midnight, 7]
    const add = (table: string, more: string, [id, start, clicks]: Row) =>
      database.query(`INSERT INTO ${table} VALUES ($1, to_timestamp($2 * 60::bigint), ${more})`, [
        ...[id, start, clicks],
      ])
    await add('click_imported', "'hour', gen_random_uuid(), $3", hour)
    await add('click_quarters', '$3, 0, 0', hour)
    await add('click_days', '$3, 0, 0', [3, midnight, 5])
    await add('click_imported', "'day', gen_random_uuid(), $3", day)
    await add('click_days', '$3, 0, 0', day)

    const all = [...rows, hour, day].map(minuteRow)
    const berlin = (step: 'day' | 'week', ids: number[]) => ({
      ...questionOf(step, 'Europe/Berlin', midnight - 2 * DAY, midnight + 3 * DAY),
      choice: { kind: 'ids', ids } as const,
    })
    const withHour = berlin('day', [1, 2, 3])
    expect(plainly(await ask(withHour))).to.deep.equal(plainAnswer(all, [], withHour))
    const withDay = await ask(berlin('day', [1, 4])).catch(error => error)
    expect(withDay).to.be.instanceOf(TooFineError)
    // Its day is in one week, and another week begins on the next day.
    const weeks = berlin('week', [1, 4])
    expect(plainly(await ask(weeks))).to.deep.equal(plainAnswer(all, [], weeks))
  })
})

/** Ascending, as a flush has them. */
function rowsAround(moment: number): Row[] {
  const first = moment - REACH_DAYS * DAY
  const often = Array.from({ length: 2 * REACH_DAYS * 48 }, (_, nth): Row => {
    return [1, first + nth * 30 + (nth % 30), 1 + nth, nth % 3, nth % 2]
  })
  const midnight = Math.floor(first / DAY) * DAY
  const seldom = Array.from(
    { length: 2 * REACH_DAYS },
    (_, day): Row => [2, midnight + day * DAY + 23 * 60, 1],
  )
  return [...often, ...seldom]
}

function minuteRow([bannerId, minute, clicks, bots = 0, duplicates = 0]: Row): MinuteRow {
  return { bannerId, minute, clicks: BigInt(clicks), bots: BigInt(bots), duplicates: BigInt(duplicates) }
}

function questionOf(step: 'day' | 'week', timeZone: string, from: number, to: number): ManyQuestion {
  return {
    ...{ step, timeZone, fill: false, compare: null, group: 'banner', top: null },
    choice: { kind: 'ids', ids: IDS },
    from: new Date(from * 60_000),
    to: new Date(to * 60_000),
  }
}

function quarterOf(minute: number): number {
  return Math.floor(minute / 15) * 15
}

function timeOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(0, 16)
}
