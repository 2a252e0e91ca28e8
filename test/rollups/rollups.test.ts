import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type pg from 'pg'
import pino from 'pino'
import { connect } from '../../db/connection/connect.ts'
import { commit } from '../../db/connection/transaction.ts'
import { monthOf } from '../../db/history/months.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { healthReport } from '../../lib/health/report.ts'
import { healthSchema } from '../../lib/health/schema.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { Rollups } from '../../lib/rollups/rollups.ts'
import { RollupsReport } from '../../lib/rollups/rollups-report.ts'
import { beginFlush, flush, historyOf, wrongSums } from '../db/history/history-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { storeMinutes } from '../support/minutes.ts'
import { until } from '../support/until.ts'

const LOOK_INTERVAL_MS = 100
const QUARTER_MINUTES = 15
const DAY_MINUTES = 1440
/** So many flushes, one after the other, each for so long: there are always some. */
const HOLDERS = 4
const HELD_MS = 600

describe('the roll-ups of a service', () => {
  let database: TestDatabase
  let client: pg.Client
  /** The quarter that runs now, in minutes since the epoch. */
  let quarter: number
  beforeEach(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    quarter = Math.floor(Date.now() / 60_000 / QUARTER_MINUTES) * QUARTER_MINUTES
  })
  afterEach(async () => {
    await client.end()
    await database.drop()
  })

  /** Stores a click of each of `banners` in each quarter of the last days, none of which is summed up. */
  async function store(days: number, banners = 3): Promise<void> {
    const from = quarter - days * DAY_MINUTES
    await storeMinutes(
      client,
      `SELECT banner, to_timestamp(($1 + part * 15) * 60), 1 FROM generate_series(1, $2) AS banner,
       generate_series(0, $3) AS part`,
      [from, banners, days * 96],
    )
    await database.query('TRUNCATE click_quarters, click_days')
    await database.query(
      'UPDATE click_history SET quarters_until = to_timestamp($1), days_until = to_timestamp($1)',
      [from * 60],
    )
  }

  it('remove keys of bulks that are known no longer, however many', async () => {
    await database.query(
      `INSERT INTO bulk_keys
       SELECT number, gen_random_uuid(), gen_random_uuid(), 1, now() - interval '15 days' * (number % 11)
       FROM generate_series(1, 3300) AS number`,
    )
    const { rollups } = newRollups()
    await rollups.start(Promise.resolve())
    const left = async () =>
      (await database.query<{ count: number }>('SELECT count(*)::int FROM bulk_keys'))[0]!.count
    await until(async () => (await left()) === 300)
    await rollups.stop()
  })

  function newRollups(options: Partial<ConstructorParameters<typeof Rollups>[0]> = {}) {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line).msg) })
    const books = new ServiceBooks(memory)
    const conditions = new Conditions(memory, log)
    const report = new RollupsReport({ database: database.server, memory, books, conditions, log })
    const { config } = readConfig({ env: {}, cwd: '/', cores: 1 })
    return {
      rollups: new Rollups({
        database: database.server,
        retention: { minutesDays: 0, quartersDays: 0 },
        idempotencyKeyDays: 7,
        report,
        lookIntervalMs: LOOK_INTERVAL_MS,
        ...options,
      }),
      lines,
      raised: () => raisedConditions(memory).map(({ name }) => name),
      history() {
        const health = healthReport(
          { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' },
          Date.now(),
        )
        expect(healthSchema.validate(health, { convert: false }).error).to.equal(undefined)
        return health.history
      },
    }
  }

  const lagMinutes = async () => quarter - Date.parse(`${(await historyOf(database))[1]}Z`) / 60_000
  const isSummedUp = async () => (await lagMinutes()) <= 2 * QUARTER_MINUTES

  it('make up a backlog, tell how far they have come, and end in the middle when they are stopped', async () => {
    await store(40)
    const first = newRollups()
    await first.rollups.start(Promise.resolve())
    await until(async () => (await lagMinutes()) < 39 * DAY_MINUTES)
    const startedAtMs = performance.now()
    await first.rollups.stop()
    expect(performance.now() - startedAtMs).to.be.below(1000)
    expect(await isSummedUp(), 'it was in the middle').to.equal(false)
    expect(await wrongSums(database)).to.include({ quarters: 0, days: 0 })
    expect(first.raised()).to.deep.equal(['rollups_behind'])
    expect(first.lines[0]).to.match(/^summing up the clicks of (?:39|40) days, from \d{4}-/)
    await delay(2 * LOOK_INTERVAL_MS)
    const stoppedAt = await lagMinutes()

    const second = newRollups()
    await second.rollups.start(Promise.resolve())
    await until(isSummedUp)
    await until(() => second.raised().length === 0)
    await second.rollups.stop()
    expect(stoppedAt).to.be.above(DAY_MINUTES)
    const found = await wrongSums(database)
    expect(found).to.include({ quarters: 0, days: 0 })
    expect(found.right).to.be.within(3 * 40 * 96, 3 * (40 * 96 + 42))
    expect(second.lines.at(-1)).to.match(/^all clicks are summed up, after \d+ s$|^over: /)
    expect(second.history()).to.include({ minutesFrom: null, quartersFrom: null, withoutMinutes: 0 })
    expect(Date.parse(second.history().daysThrough!)).to.be.above(Date.now() - 45 * 60_000)
    expect(second.history().quartersThrough).to.equal(second.history().daysThrough)
  })

  it('make this month and the next two, and go on when two instances look at once', async () => {
    await store(1)
    const instances = [newRollups(), newRollups()]
    await Promise.all(instances.map(({ rollups }) => rollups.start(Promise.resolve())))
    await until(isSummedUp)
    await Promise.all(instances.map(({ rollups }) => rollups.stop()))
    expect(await wrongSums(database)).to.include({ quarters: 0, days: 0 })
    const months = [0, 1, 2].map(ahead => {
      const month = new Date(monthOf(quarter) * 60_000)
      month.setUTCMonth(month.getUTCMonth() + ahead)
      return month.toISOString().slice(0, 7).replace('-', '_')
    })
    const parts = await database.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r'",
    )
    expect(parts.map(({ name }) => name)).to.include.members(
      months.flatMap(month => [`click_minutes_${month}`, `click_quarters_${month}`]),
    )
  })

  it('come back soon when somebody adds clicks, and say why they are behind', async () => {
    await store(1)
    const other = await connect(database.server, 'clickcounter test')
    await beginFlush(other, [[9, quarter, 1]])
    const { rollups, raised, lines } = newRollups()
    await rollups.start(Promise.resolve())
    await until(() => lines.some(line => line.startsWith('no step of the roll-ups was let in')))
    expect(raised()).to.deep.equal(['rollups_behind'])
    await commit(other)
    await until(isSummedUp)
    await until(() => raised().length === 0)
    await rollups.stop()
    await other.end()
    expect(await wrongSums(database)).to.include({ quarters: 0, days: 0 })
  })

  it('make the index by time cover what they are about to read, as after a restore', async () => {
    await store(1, 150)
    const summarize = async () =>
      (
        await database.query<{ ranges: number }>(`
        SELECT sum(brin_summarize_new_values(indexrelid))::int AS ranges FROM pg_inherits
        JOIN pg_index ON indrelid = inhrelid JOIN pg_class ON pg_class.oid = indexrelid
        WHERE inhparent = 'click_minutes'::regclass AND relam = (SELECT oid FROM pg_am WHERE amname = 'brin')`)
      )[0]!.ranges
    const { rollups } = newRollups()
    await rollups.start(Promise.resolve())
    await until(isSummedUp)
    await rollups.stop()
    expect(await summarize()).to.equal(0)
    await database.query('TRUNCATE click_minutes')
    await store(1, 150)
    expect(await summarize(), 'there is something to do without them').to.be.above(0)
  })

  it('get their turn where some flush is always at it, by more patience', async () => {
    await store(1)
    const [before] = await historyOf(database)
    let isOver = false
    const holders = Array.from({ length: HOLDERS }, async (_, index) => {
      const holder = await connect(database.server, 'clickcounter test')
      await delay((index * HELD_MS) / HOLDERS)
      while (!isOver) {
        await beginFlush(holder, [])
        await delay(HELD_MS)
        await commit(holder)
      }
      await holder.end()
    })
    const patient = newRollups({ patienceMs: 0 })
    await patient.rollups.start(Promise.resolve())
    await until(async () => (await historyOf(database))[0] !== before)
    expect(patient.lines, '200 ms were too short').to.include(
      'no step of the roll-ups was let in, and it is tried again',
    )
    isOver = true
    await Promise.all([patient.rollups.stop(), ...holders])
    expect(await wrongSums(database)).to.include({ quarters: 0, days: 0 })
  })

  it('wait at a stop for a step that runs, but not for ever', async () => {
    for (const [seconds, isDone] of [
      [0.5, true],
      [30, false],
    ] as const) {
      await store(0.25)
      await database.query(`
        CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NULL; END $$;
        CREATE OR REPLACE TRIGGER slow AFTER INSERT ON click_quarters FOR EACH STATEMENT EXECUTE FUNCTION slow()`)
      const before = await historyOf(database)
      const { rollups } = newRollups()
      await rollups.start(Promise.resolve())
      await until(async () => {
        const sleeping = await database.query(
          `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()
             AND application_name = 'clickcounter rollups'`,
        )
        return sleeping.length === 1
      })
      const startedAtMs = performance.now()
      await rollups.stop()
      expect(performance.now() - startedAtMs).to.be.below(isDone ? 2000 : 3000)
      const [quartersUntil] = await historyOf(database)
      if (isDone) expect(quartersUntil).not.to.equal(before[0])
      else expect(quartersUntil).to.equal(before[0])
    }
  })

  it('drop what is not kept any longer once it is summed up, and say so', async () => {
    await store(100, 1)
    const { rollups, lines, history } = newRollups({ retention: { minutesDays: 10, quartersDays: 40 } })
    await rollups.start(Promise.resolve())
    await until(() => lines.some(line => /^dropped click_quarters_/.test(line)))
    await until(() => history().quartersFrom !== null)
    await rollups.stop()
    expect(lines.filter(line => /^minutes are kept from .*T00:00:00.000Z on: click_minutes_/.test(line))).not
      .to.be.empty
    const [, , minutesFrom, quartersFrom] = await historyOf(database)
    expect(Date.parse(`${minutesFrom}Z`)).to.be.within(
      Date.now() - 41 * 86_400_000,
      Date.now() - 10 * 86_400_000,
    )
    expect(history().minutesFrom).to.equal(`${minutesFrom}:00.000Z`)
    expect(history().quartersFrom).to.equal(`${quartersFrom}:00.000Z`)
    await flush(client, [[1, quarter - 100 * DAY_MINUTES, 1]])
    expect(await database.totalClicks()).to.be.below(42 * 96)
  })

  it('go on to later months when a view depends on an old one, and warn of that', async () => {
    await store(100, 1)
    await database.query(
      "DO $$ BEGIN EXECUTE (SELECT format('CREATE VIEW report AS SELECT FROM %I', min(inhrelid::regclass::text)) FROM pg_inherits WHERE inhparent = 'click_minutes'::regclass); END $$",
    )
    const { rollups, lines } = newRollups({ retention: { minutesDays: 10, quartersDays: 40 } })
    await rollups.start(Promise.resolve())
    await until(() => lines.some(line => /^dropped click_quarters_/.test(line)))
    await rollups.stop()
    expect(
      lines.filter(line => /^click_minutes_\S+_dropped is kept no longer, and could not/.test(line)),
    ).to.have.length(1)
    expect(lines.filter(line => /^dropped click_minutes_/.test(line))).not.to.be.empty
  })

  it('report a part that somebody reads, so that it cannot be taken off', async () => {
    await store(100, 1)
    const reader = await connect(database.server, 'clickcounter test')
    await reader.query('BEGIN; LOCK TABLE ONLY click_minutes IN ACCESS SHARE MODE')
    const keptOut: string[] = []
    const none = () => {}
    const { rollups } = newRollups({
      retention: { minutesDays: 10, quartersDays: 40 },
      report: {
        ...{ looked: none, busy: none, tookOff: none, dropped: none, failed: none },
        keptOut: ({ name }) => keptOut.push(name),
      },
    })
    await rollups.start(Promise.resolve())
    await until(() => keptOut.length >= 2)
    await rollups.stop()
    await reader.end()
    expect([...new Set(keptOut)]).to.have.length(1)
    expect(keptOut[0]).to.match(/^click_minutes_/)
  })
})
