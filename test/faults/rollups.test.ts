import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import { ensureMonths, MONTHLY_TABLES } from '../../db/history/months.ts'
import { rollUp } from '../../db/history/roll-up.ts'
import { StepSize } from '../../db/history/step-size.ts'
import { beginAt, flush, minuteOf, wrongSums } from '../db/history/history-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { Row } from '../support/rows.ts'
import { scaled } from './scale.ts'

const SECONDS = scaled(4, 60)
const WRITERS = 3
const JOBS = 2
const BANNERS = 20
/** Quarters pass quickly here: a minute takes so long. */
const MINUTE_MS = 5
const LATE_PART = 0.1
const LATE_MINUTES = 60
const KILL_INTERVAL_MS = 40
const BEGIN = minuteOf('2024-12-12T22:00')
const NAME = 'clickcounter race'
/** The end of a session that was killed, and of its connection. */
const KILLED = /terminat|Connection|closed|not queryable|ECONNRESET|EPIPE/

describe('the roll-ups and three writers with late clicks, while sessions are killed', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
    const client = await connect(database.server, NAME)
    for (const table of MONTHLY_TABLES) await ensureMonths(client, table, [minuteOf('2024-12-01T00:00')])
    await client.end()
    await beginAt(database, '2024-12-12T22:00')
  })
  after(() => database.drop())

  it('come to the same as the minutes: in no quarter and on no day a click more or less', async () => {
    const startedAtMs = performance.now()
    const nowMinute = () => BEGIN + Math.floor((performance.now() - startedAtMs) / MINUTE_MS)
    const isOver = () => performance.now() - startedAtMs > SECONDS * 1000
    const flushes = Array.from({ length: WRITERS }, () => writeUntil(isOver, nowMinute))
    const steps = Array.from({ length: JOBS }, () => rollUpUntil(isOver, nowMinute))
    const kills = await killUntil(isOver)
    const flushCount = (await Promise.all(flushes)).reduce((sum, count) => sum + count)
    const stepCount = (await Promise.all(steps)).reduce((sum, count) => sum + count)
    const { quarters, days, right } = await wrongSums(database)
    console.log(
      `      ${flushCount} flushes, ${stepCount} steps, ${kills} sessions killed: ` +
        `${right} sums right, ${quarters} quarters and ${days} days wrong`,
    )
    expect({ quarters, days }).to.deep.equal({ quarters: 0, days: 0 })
    expect(flushCount).to.be.above(SECONDS * 10)
    expect(stepCount).to.be.above(SECONDS * 5)
    expect(kills).to.be.above(SECONDS * 5)
    expect(right).to.be.above(BANNERS * SECONDS)
  })

  /** Resolves with how many flushes were committed. */
  function writeUntil(isOver: () => boolean, nowMinute: () => number): Promise<number> {
    return again(isOver, async client => {
      await flush(client, randomRows(nowMinute()))
      return true
    })
  }

  function rollUpUntil(isOver: () => boolean, nowMinute: () => number): Promise<number> {
    const sizes = { quarters: new StepSize(100), days: new StepSize(100) }
    return again(isOver, async client => {
      const options = { waitMs: 50, nowMinute: nowMinute() }
      const first = await rollUp(client, 'quarters', { ...options, size: sizes.quarters })
      const second = await rollUp(client, 'days', { ...options, size: sizes.days })
      return first === 'done' || second === 'done'
    })
  }

  /** Kills one of the sessions at a time. Resolves with how many. */
  async function killUntil(isOver: () => boolean): Promise<number> {
    let kills = 0
    while (!isOver()) {
      await delay(KILL_INTERVAL_MS * Math.random() * 2)
      kills += (
        await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = $1 AND datname = current_database() ORDER BY random() LIMIT 1`,
          [NAME],
        )
      ).length
    }
    return kills
  }

  /** Works again and again, on another connection after one was killed. Resolves with how often it counted. */
  async function again(
    isOver: () => boolean,
    work: (client: pg.Client) => Promise<boolean>,
  ): Promise<number> {
    let count = 0
    let client: pg.Client | null = null
    while (!isOver()) {
      try {
        client ??= await connect(database.server, NAME)
        if (await work(client)) count++
      } catch (error) {
        if (!KILLED.test((error as Error).message)) throw error
        if (client !== null) discard(client)
        client = null
      }
    }
    await client?.end()
    return count
  }
})

/** Of distinct banners and minutes, ascending. */
function randomRows(nowMinute: number): Row[] {
  return Array.from({ length: BANNERS }, (_, index): Row => {
    const isLate = Math.random() < LATE_PART
    return [
      index + 1,
      nowMinute - (isLate ? Math.floor(Math.random() * LATE_MINUTES) : 0),
      1 + (index % 3),
      1,
      index % 2,
    ]
  })
}
