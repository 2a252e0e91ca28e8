import { expect } from 'chai'
import pg from 'pg'
import pino from 'pino'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { metricsText } from '../../lib/health/metrics.ts'
import { CONTROL, DATABASE_DOWN, DATABASE_UP } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { RollupsReport } from '../../lib/rollups/rollups-report.ts'
import { minuteOf } from '../db/history/history-support.ts'

const HELD = { minutesFrom: null, quartersFrom: null }
const REFUSAL = Object.assign(new Error('permission denied for table click_quarters'), { code: '42501' })

function newReport() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  const lines: string[] = []
  const reasons: string[] = []
  const log = pino(
    {},
    {
      write(line: string) {
        const { msg, reason } = JSON.parse(line)
        lines.push(msg)
        reasons.push(reason)
      },
    },
  )
  const { config } = readConfig({ env: { CLICKCOUNTER_DATABASE_HOST: 'db' }, cwd: '/', cores: 1 })
  const report = new RollupsReport({
    database: config.database.server!,
    memory,
    books: new ServiceBooks(memory),
    conditions: new Conditions(memory, log),
    log,
  })
  const sources = { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' }
  return {
    report,
    memory,
    lines,
    reasons,
    raised: () => raisedConditions(memory),
    looked: (until: string, now: string) =>
      report.looked({ ...HELD, quartersUntil: minuteOf(until), daysUntil: minuteOf(until) }, minuteOf(now)),
    metrics: () => metricsText(sources),
  }
}

describe('the report of the roll-ups', () => {
  it('calls them behind once days are more than an hour late, until they are not', () => {
    const { looked, raised } = newReport()
    looked('2024-12-12T10:00', '2024-12-12T11:03')
    expect(raised()).to.deep.equal([])
    looked('2024-12-12T10:00', '2024-12-12T11:18')
    expect(raised().map(({ name }) => name)).to.deep.equal(['rollups_behind'])
    expect(raised()[0]!.text).to.match(
      /^Clicks are summed up more than an hour late.*nothing is lost\. .*\.$/,
    )
    looked('2024-12-12T10:15', '2024-12-12T11:19')
    expect(raised()).to.deep.equal([])
  })

  it('says why they fail, in the log at once and on /health when they are behind, unless Postgres is away', () => {
    const { looked, report, memory, raised, lines } = newReport()
    const failed = 'the roll-ups failed, and are tried again'
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_DOWN)
    looked('2024-12-12T10:00', '2024-12-12T10:30')
    report.failed(REFUSAL)
    expect({ lines, raised: raised() }).to.deep.equal({ lines: [], raised: [] })
    Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
    report.failed(REFUSAL)
    report.failed(REFUSAL)
    expect(lines.filter(line => line === failed)).to.have.length(1)
    expect(raised()[0]!.text).to.match(
      /nothing is lost\. User clickcounter lacks a privilege .*click_quarters\)\.$/,
    )
    looked('2024-12-12T10:00', '2024-12-12T12:00')
    expect(raised()[0]!.text).not.to.include('privilege')
  })

  it('does not talk of a step that was not let in, unless they are behind', () => {
    const { looked, report, lines } = newReport()
    looked('2024-12-12T10:00', '2024-12-12T10:20')
    report.busy(minuteOf('2024-12-12T10:20'))
    expect(lines).to.deep.equal([])
    report.busy(minuteOf('2024-12-12T12:00'))
    expect(lines).to.deep.equal(['no step of the roll-ups was let in, and it is tried again'])
  })

  it('tells after a day that a part cannot be taken off, and begins anew with another part', () => {
    const { report, lines } = newReport()
    const october = {
      table: 'minutes',
      schema: 'public',
      name: 'click_minutes_2024_10',
      from: 0,
      until: 1,
    } as const
    const november = { ...october, name: 'click_minutes_2024_11' }
    report.keptOut(october, minuteOf('2024-12-12T10:00'))
    report.keptOut(october, minuteOf('2024-12-13T09:59'))
    report.keptOut(november, minuteOf('2024-12-13T10:00'))
    expect(lines).to.deep.equal([])
    for (const minute of ['09:59', '10:00', '10:01'])
      report.keptOut(november, minuteOf(`2024-12-14T${minute}`))
    expect(lines).to.deep.equal([
      'click_minutes_2024_11 is to be kept no longer, and could not be taken off for a day',
    ])
  })

  it('tells which table cannot be dropped, why and what helps, once', () => {
    const { report, lines, reasons } = newReport()
    const error = Object.assign(new pg.DatabaseError('cannot drop table a_dropped', 0, 'error'), {
      detail: 'view report depends on table a_dropped',
    })
    const refused = [{ table: { schema: 'public', name: 'a_dropped', bytes: 8192 }, error }]
    for (const _look of [1, 2]) report.dropped({ dropped: [], refused })
    expect(lines).to.deep.equal([
      'a_dropped is kept no longer, and could not be dropped: drop it, with what depends on it, as its owner, or keep it under another name',
    ])
    expect(reasons).to.deep.equal(['cannot drop table a_dropped (view report depends on table a_dropped)'])
  })

  it('tells in metrics how old the sums are, and for how long clicks are kept', async () => {
    const { report, metrics } = newReport()
    const unknown = await metrics()
    expect(unknown).to.include('clickcounter_history_age_seconds{form="days"} +Inf')
    expect(unknown).to.include('clickcounter_history_kept_seconds{form="minutes"} +Inf')
    const minuteAgo = (minutes: number) => Math.floor(Date.now() / 60_000) - minutes
    const state = { quartersUntil: minuteAgo(20), daysUntil: minuteAgo(40), minutesFrom: minuteAgo(6000) }
    report.looked({ ...state, quartersFrom: null }, minuteAgo(0))
    const seconds = async (sample: string) => Number((await metrics()).split(`${sample} `)[1]!.split('\n')[0])
    expect(await seconds('clickcounter_history_age_seconds{form="quarters"}')).to.be.within(1200, 1270)
    expect(await seconds('clickcounter_history_age_seconds{form="days"}')).to.be.within(2400, 2470)
    expect(await seconds('clickcounter_history_kept_seconds{form="minutes"}')).to.be.within(360_000, 360_070)
    expect(await metrics()).to.include('clickcounter_history_kept_seconds{form="quarters"} +Inf')
  })
})
