import { expect } from 'chai'
import fc from 'fast-check'
import type pg from 'pg'
import { connect } from '../../../../db/connection/connect.ts'
import { GRAIN_MINUTES, GRAINS, type Grain } from '../../../../db/history/import/grain.ts'
import { importClicks } from '../../../../db/history/import/import-clicks.ts'
import { readHistory } from '../../../../db/history/import/read-history.ts'
import { ensureMonths } from '../../../../db/history/months.ts'
import { mend } from '../../../../db/history/rebuild.ts'
import { ROLL_UP_KINDS, rollUp } from '../../../../db/history/roll-up.ts'
import { StepSize } from '../../../../db/history/step-size.ts'
import { differencesIn } from '../../../../db/history/verify.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { cut } from '../../banners/banner-files.ts'
import { beginAt, flush, minuteOf } from '../history-support.ts'
import { type FileRow, type History, linesOf } from './history-files.ts'

const BEGIN = '2024-12-10T00:00'
const WINDOW = { from: minuteOf(BEGIN), until: minuteOf('2024-12-13T00:00') }
const STYLE = { order: ['banner', 'time', 'clicks'], isQuoted: false, hasOffsets: false } as const

type Action =
  | { readonly kind: 'flush' | Grain; readonly rows: readonly FileRow[] }
  | { readonly kind: 'roll up'; readonly steps: number }

const rowsOf = (grain: Grain) =>
  fc.uniqueArray(
    fc.record({
      bannerId: fc.integer({ min: 1, max: 3 }),
      minute: fc
        .integer({ min: WINDOW.from, max: WINDOW.until - 1 })
        .map(minute => Math.floor(minute / GRAIN_MINUTES[grain]) * GRAIN_MINUTES[grain]),
      clicks: fc.integer({ min: 1, max: 1000 }),
    }),
    { selector: ({ bannerId, minute }) => `${bannerId} ${minute}`, minLength: 1, maxLength: 6 },
  )

const action: fc.Arbitrary<Action> = fc.oneof(
  rowsOf('minute').map(rows => ({ kind: 'flush' as const, rows })),
  fc.constantFrom(...GRAINS).chain(kind => rowsOf(kind).map(rows => ({ kind, rows }))),
  fc.integer({ min: 1, max: 9 }).map(steps => ({ kind: 'roll up' as const, steps })),
)

describe('imported clicks', () => {
  let database: TestDatabase
  let client: pg.Client
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    for (const table of ['minutes', 'quarters'] as const)
      await ensureMonths(client, table, [minuteOf('2024-12-01T00:00')])
  })
  after(async () => {
    await client.end()
    await database.drop()
  })

  const step = (kind: (typeof ROLL_UP_KINDS)[number], size: StepSize) =>
    rollUp(client, kind, { size, waitMs: 200, nowMinute: WINDOW.until + 20 })
  const rollUpAll = async () => {
    for (const kind of ROLL_UP_KINDS) {
      const size = new StepSize(100)
      while ((await step(kind, size)) !== 'idle');
    }
  }
  const days = async () =>
    Object.fromEntries(
      (
        await database.query<{ day: string; clicks: number }>(
          `SELECT banner_id || ' ' || extract(epoch FROM day)::bigint / 60 AS day, clicks::int FROM click_days`,
        )
      ).map(({ day, clicks }) => [day, clicks]),
    )
  const differences = async (range = WINDOW) => {
    const found = []
    for (const kind of ROLL_UP_KINDS) found.push(...(await differencesIn(client, kind, range, 1000)))
    return found
  }
  const clear = async () => {
    await database.query('TRUNCATE click_minutes, click_quarters, click_days, click_imports, click_imported')
    await beginAt(database, BEGIN)
  }
  /** Its empty lines make it another file each time. */
  const fileOf = async (history: History, nth: number) => {
    const text = `${linesOf(history, STYLE).join('\n')}${'\n'.repeat(nth + 1)}`
    return await readHistory(cut(Buffer.from(text), []), { nowMs: Date.now() })
  }

  /** Resolves with the rows that were added: none, when the file was refused. */
  const act = async (action: Action, nth: number): Promise<readonly FileRow[]> => {
    if (action.kind === 'roll up') {
      for (const kind of ROLL_UP_KINDS)
        for (let times = 0; times < action.steps; times++) await step(kind, new StepSize(100))
      return []
    }
    const { kind, rows } = action
    if (kind === 'flush') {
      const sorted = rows.toSorted((a, b) => a.bannerId - b.bannerId || a.minute - b.minute)
      await flush(
        client,
        sorted.map(({ bannerId, minute, clicks }) => [bannerId, minute, clicks]),
      )
      return rows
    }
    const file = await fileOf({ grain: kind, rows }, nth)
    const [{ until }] = (await database.query<{ until: number }>(
      'SELECT (extract(epoch FROM days_until) / 60)::float8 AS until FROM click_history',
    )) as [{ until: number }]
    const isOver = kind === 'minute' || rows.every(({ minute }) => minute + GRAIN_MINUTES[kind] <= until)
    const error = await importClicks(client, file, { name: 'old.csv' }).then(
      () => null,
      (error: { code: string }) => error.code,
    )
    expect(error).to.equal(isOver ? null : 'IMPORT_TOO_NEW')
    if (!isOver) await client.query('ROLLBACK')
    return isOver ? rows : []
  }

  it('are in all sums whenever they come, beside counted ones, and are there again when sums are made anew', async function () {
    this.timeout(60_000)
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 8 }), async actions => {
        await clear()
        const expected: Record<string, number> = {}
        for (const [nth, action] of actions.entries())
          for (const { bannerId, minute, clicks } of await act(action, nth)) {
            const day = `${bannerId} ${Math.floor(minute / 1440) * 1440}`
            expected[day] = (expected[day] ?? 0) + clicks
          }
        await rollUpAll()
        expect(await days()).to.deep.equal(expected)
        expect(await differences()).to.deep.equal([])

        await database.query('UPDATE click_quarters SET clicks = clicks + 1 WHERE banner_id < 3')
        await database.query('DELETE FROM click_days WHERE banner_id > 1')
        for (const kind of ROLL_UP_KINDS)
          await mend(client, kind, await differencesIn(client, kind, WINDOW, 1000))
        expect(await differences()).to.deep.equal([])
        expect(await days()).to.deep.equal(expected)
      }),
      { numRuns: 12 },
    )
  })

  it('and flushes and roll-ups at the same time do not disturb each other', async function () {
    this.timeout(60_000)
    await clear()
    const [importer, flusher] = await Promise.all(
      ['importer', 'flusher'].map(() => connect(database.server, 'clickcounter test')),
    )
    let clicks = 0
    let isImporting = true
    const someMinutes = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        bannerId: 1 + (index % 50),
        minute: WINDOW.from + Math.floor(index / 50) * 7 + Math.floor(Math.random() * 7),
        clicks: 1,
      }))
    const imports = async () => {
      for (let nth = 0; nth < 6; nth++) {
        // Of the same rows as flushes, in another order. The first hour is over from the start.
        const rows = someMinutes(3000).toReversed()
        const hours = rows.slice(0, 50).map(row => ({ ...row, minute: WINDOW.from - 60 * (nth + 1) }))
        for (const history of [
          { grain: 'minute' as const, rows },
          { grain: 'hour' as const, rows: hours },
        ]) {
          await importClicks(importer!, await fileOf(history, nth), { name: 'old.csv' })
          clicks += history.rows.length
        }
      }
      isImporting = false
    }
    const flushes = async () => {
      while (isImporting) {
        const rows = someMinutes(1000).toSorted((a, b) => a.bannerId - b.bannerId || a.minute - b.minute)
        await flush(
          flusher!,
          rows.map(row => [row.bannerId, row.minute, row.clicks]),
        )
        clicks += rows.length
      }
    }
    const rollUps = async () => {
      while (isImporting) for (const kind of ROLL_UP_KINDS) await step(kind, new StepSize(100))
    }
    await Promise.all([imports(), flushes(), rollUps()])
    await Promise.all([importer!.end(), flusher!.end()])
    await rollUpAll()
    const sum = Object.values(await days()).reduce((sum, count) => sum + count, 0)
    expect(sum).to.equal(clicks)
    expect(await differences({ from: WINDOW.from - 1440, until: WINDOW.until })).to.deep.equal([])
  })
})
