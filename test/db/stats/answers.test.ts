import { expect } from 'chai'
import fc from 'fast-check'
import type pg from 'pg'
import { connect, openPool } from '../../../db/connection/connect.ts'
import type { ConnectionPool } from '../../../db/connection/hosts-pool.ts'
import { ensureMonths, MONTHLY_TABLES, monthOf } from '../../../db/history/months.ts'
import { rollUp } from '../../../db/history/roll-up.ts'
import { StepSize } from '../../../db/history/step-size.ts'
import { StatsReader } from '../../../db/stats/read-stats.ts'
import { COMPARISONS, GROUPS, type ManyQuestion } from '../../../lib/questions/question.ts'
import { STEPS } from '../../../lib/questions/step.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { rowsOf } from '../../support/entries.ts'
import type { Row } from '../../support/rows.ts'
import { flush } from '../history/history-support.ts'
import { type MinuteRow, type PlainBanner, plainAnswer, plainly } from './plain-answer.ts'

const RUNS = Number(process.env.CLICKCOUNTER_TEST_QUESTIONS ?? 6)
const MINUTE_MS = 60_000
const DAY = 1440
/** A quarter is summed up so long after its end. */
const CLOSED_AFTER_MINUTES = 3
/** Clicks and questions are within so many minutes of a moment. */
const REACH = 5 * DAY

/** At or beside a change of clocks, an edge of a year, or a leap day. */
const MOMENTS = [
  '2024-10-27T01:00Z',
  '2024-03-31T01:00Z',
  '2024-04-06T15:00Z',
  '2011-12-30T10:00Z',
  '2018-11-04T03:00Z',
  '2024-12-31T18:15Z',
  '2024-02-29T00:00Z',
].map(time => Date.parse(time) / MINUTE_MS)
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/New_York',
  'Pacific/Chatham',
]
const BANNERS: readonly PlainBanner[] = [
  { id: 1, name: 'one', campaign: 'autumn', labels: ['mobile', 'new'] },
  { id: 2, name: 'two', campaign: 'autumn', labels: [] },
  { id: 3, name: 'three', campaign: 'winter', labels: ['new'] },
  { id: 4, name: 'four', campaign: null, labels: ['mobile'] },
]
/** The last two are registered by nobody. */
const IDS = [1, 2, 3, 4, 5, 2_147_483_647]
/** Of a question by minute: an answer has 50 000 entries at most, and may have a group for each of them. */
const MAX_MINUTES = Math.floor(50_000 / IDS.length)

describe('answers from days, quarters and minutes', () => {
  let database: TestDatabase
  let clients: pg.Client[]
  let pool: ConnectionPool
  let reader: StatsReader
  before(async () => {
    database = await createTestDatabase()
    clients = await Promise.all([1, 2, 3].map(() => connect(database.server, 'clickcounter test')))
    pool = openPool(database.server, 'clickcounter test', 4)
    reader = new StatsReader(pool)
    for (const { id, name, campaign, labels } of BANNERS)
      await database.query(
        `INSERT INTO banners VALUES ($1, $2, NULL, $3, $4, '{}', true, NULL, NULL, gen_random_uuid(), now(), 'test')`,
        [id, name, campaign, labels],
      )
    const edges = MOMENTS.flatMap(moment => [moment - REACH, moment, moment + REACH])
    for (const table of MONTHLY_TABLES) await ensureMonths(clients[0]!, table, edges.map(monthOf))
  })
  after(async () => {
    await Promise.all([pool.end(), ...clients.map(client => client.end())])
    await database.drop()
  })

  /** What happened, and at the same time: two instances flush, and one of them sums up. */
  async function happen({ flushes, quarters, kinds, nowMinute }: Happening): Promise<void> {
    const [one, other, job] = clients
    const size = new StepSize(1000)
    size.took(quarters, 1)
    const sumUp = async () => {
      for (const kind of kinds) await rollUp(job!, kind, { size, waitMs: 200, nowMinute })
    }
    await Promise.all([flush(one!, flushes[0]), flush(other!, flushes[1]), sumUp()])
  }

  async function readRows(): Promise<MinuteRow[]> {
    const rows = await database.query<Record<string, string>>(
      `SELECT banner_id, (extract(epoch FROM minute) / 60)::bigint AS minute, clicks, bots, duplicates
       FROM click_minutes`,
    )
    return rows.map(({ banner_id, minute, clicks, bots, duplicates }) => ({
      ...{ bannerId: Number(banner_id), minute: Number(minute), clicks: BigInt(clicks!) },
      ...{ bots: BigInt(bots!), duplicates: BigInt(duplicates!) },
    }))
  }

  /** The answer about one banner, in the form of one about many. */
  async function askOne(bannerId: number, question: ManyQuestion) {
    const found: { sums: object; entries: unknown[]; groups: [] }[] = []
    for await (const part of reader.read(bannerId, question, asker()))
      if (part.kind === 'sums') {
        const { total, bots, duplicates } = part.sums
        found.push({ sums: { total, bots, duplicates }, entries: [], groups: [] })
      } else if (part.kind === 'page') found.at(-1)!.entries.push(...rowsOf(part.entries))
    return { answer: found[0], compared: found[1] ?? null }
  }

  it('are those of the minutes alone', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ moment, summedUp, happenings }) => {
        await database.query('TRUNCATE click_minutes, click_quarters, click_days')
        await database.query(
          'UPDATE click_history SET quarters_until = to_timestamp($1 * 60::bigint), days_until = to_timestamp($1 * 60::bigint)',
          [moment + summedUp],
        )
        for (const happening of happenings) {
          await happen(happening)
          const rows = await readRows()
          for (const question of happening.questions) {
            const stats = await reader.readMany(question, asker())
            expect(plainly(stats)).to.deep.equal(plainAnswer(rows, BANNERS, question))
            const [bannerId] = happening.ids
            const ofOne = { ...question, choice: { kind: 'ids', ids: [bannerId!] }, group: 'none' } as const
            // For one banner, `all` is an entry, too.
            if (question.step !== 'all')
              expect(await askOne(bannerId!, ofOne)).to.deep.equal(plainAnswer(rows, BANNERS, ofOne))
          }
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  }).timeout(20_000 + RUNS * 2000)
})

interface Happening {
  readonly flushes: readonly [readonly Row[], readonly Row[]]
  /** How many are summed up at once. */
  readonly quarters: number
  readonly kinds: readonly ('quarters' | 'days')[]
  readonly nowMinute: number
  readonly ids: readonly number[]
  readonly questions: readonly ManyQuestion[]
}

/** Few, so that watermarks, rows and questions often meet. Where a day begins, UTC, is among them. */
const anyEdge = fc
  .tuple(fc.integer({ min: -4, max: 4 }), fc.constantFrom(15, 15, 60, DAY))
  .map(([many, length]) => many * length)
const anyMinute = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: -REACH, max: REACH }) },
  {
    weight: 4,
    arbitrary: fc.tuple(anyEdge, fc.constantFrom(-1, 0, 1)).map(([edge, beside]) => edge + beside),
  },
)
const anyBound = fc.oneof({ weight: 1, arbitrary: anyMinute }, { weight: 3, arbitrary: anyEdge })
/** All clicks of one flush are fewer than 2^53. */
const anyClicks = fc.oneof(fc.nat(3), fc.constant(2 ** 47))
const anyRow = fc.record({
  id: fc.constantFrom(...IDS),
  offset: anyMinute,
  // No row is without clicks.
  clicks: fc.tuple(anyClicks, fc.nat(2), fc.nat(2)).filter(clicks => clicks.some(count => count > 0)),
})
const anyRows = fc.array(anyRow, { maxLength: 40 })

const anyChoice: fc.Arbitrary<ManyQuestion['choice']> = fc.oneof(
  fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }).map(ids => ({ kind: 'ids', ids }) as const),
  fc
    .constantFrom('autumn', 'winter', 'none of it')
    .map(campaign => ({ kind: 'campaign', campaign }) as const),
  fc.constantFrom('mobile', 'new').map(label => ({ kind: 'label', label }) as const),
  fc.constant({ kind: 'all' } as const),
)
const anyQuestion = fc.record({
  choice: anyChoice,
  group: fc.constantFrom(...GROUPS),
  top: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 4 })),
  step: fc.constantFrom(...STEPS),
  timeZone: fc.constantFrom(...ZONES),
  fill: fc.boolean(),
  compare: fc.oneof(fc.constant(null), fc.constantFrom(...COMPARISONS)),
  from: anyBound,
  to: anyBound,
  ms: fc.constantFrom(0, 0, 1, 59_999),
})

const anyHistory = fc
  .record({
    moment: fc.constantFrom(...MOMENTS),
    summedUp: anyEdge,
    happenings: fc.array(
      fc.record({
        flushes: fc.tuple(anyRows, anyRows),
        quarters: fc.constantFrom(1, 1500, 1500, 1500),
        kinds: fc.array(fc.constantFrom('quarters', 'days'), { minLength: 1, maxLength: 4 }),
        closed: anyEdge,
        ids: fc.shuffledSubarray([...IDS], { minLength: 1 }),
        questions: fc.array(anyQuestion, { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 2, maxLength: 5 },
    ),
  })
  .map(({ moment, summedUp, happenings }) => ({
    ...{ moment, summedUp },
    happenings: happenings.map(({ flushes, closed, questions, ...rest }): Happening => {
      const [one, other] = flushes.map(rows => rowsAt(moment, rows)) as [Row[], Row[]]
      const asked = questions.map(question => questionAt(moment, question))
      return {
        ...rest,
        flushes: [one, other],
        nowMinute: moment + closed + CLOSED_AFTER_MINUTES,
        questions: asked,
      }
    }),
  }))

/** Each banner and minute once, ascending. */
function rowsAt(
  moment: number,
  rows: readonly { id: number; offset: number; clicks: [number, number, number] }[],
): Row[] {
  const byKey = new Map(
    rows.map(({ id, offset, clicks }) => [`${id} ${offset}`, [id, moment + offset, ...clicks] as const]),
  )
  return [...byKey.values()].toSorted(
    (one, other) => one[0] - other[0] || one[1] - other[1],
  ) as unknown as Row[]
}

function questionAt(
  moment: number,
  {
    from,
    to,
    ms,
    fill,
    ...question
  }: { from: number; to: number; ms: number } & Omit<ManyQuestion, 'from' | 'to'>,
): ManyQuestion {
  const [first, end] = from === to ? [from, to + DAY] : [Math.min(from, to), Math.max(from, to)]
  const last = question.step === 'minute' ? Math.min(end, first + MAX_MINUTES) : end
  return {
    ...question,
    // The plain answer looks at each minute of it.
    fill: fill && last - first <= DAY,
    from: new Date((moment + first) * MINUTE_MS + ms),
    to: new Date((moment + last) * MINUTE_MS + ms),
  }
}

function asker() {
  return { client: 'somebody', signal: AbortSignal.timeout(5000) }
}
