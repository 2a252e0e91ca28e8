import { expect } from 'chai'
import pino from 'pino'
import { Conditions } from '../../lib/books/conditions.ts'
import { readConfig } from '../../lib/config/read.ts'
import { metricsText } from '../../lib/health/metrics.ts'
import { healthReport } from '../../lib/health/report.ts'
import { healthSchema } from '../../lib/health/schema.ts'
import { CONDITIONS } from '../../lib/memory/conditions.ts'
import { CONTROL, DATABASE_UP, SERVICE_SERVING, TEXT_BYTES } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'

describe('conditions', () => {
  it('make the status degraded, with a reason, a sentence and a time, until they are cleared', () => {
    const { conditions, report } = newService()
    expect(report()).to.deep.include({ status: 'ok', reason: null, reasons: [] })
    const earliestMs = Date.now()
    conditions.raise('flush_stalled', 'The flush hangs: look at Postgres.')
    const { status, reason, reasons } = report()
    expect({ status, reason }).to.deep.equal({ status: 'degraded', reason: 'flush_stalled' })
    expect(reasons).to.have.length(1)
    expect(reasons[0]).to.include({ reason: 'flush_stalled', detail: 'The flush hangs: look at Postgres.' })
    expect(Date.parse(reasons[0]!.since!)).to.be.within(earliestMs, Date.now())
    conditions.clear('flush_stalled')
    expect(report()).to.deep.include({ status: 'ok', reason: null, reasons: [] })
  })

  it('are told together, in the order of the table', () => {
    const { conditions, report } = newService()
    for (const name of CONDITIONS.toReversed()) conditions.raise(name, `${name} is wrong.`)
    expect(report().reasons.map(({ reason }) => reason)).to.deep.equal(CONDITIONS)
    expect(report().reason).to.equal(CONDITIONS[0])
  })

  it('keep the time of their beginning when the sentence changes', () => {
    const { conditions, report } = newService()
    conditions.raise('flush_stalled', 'for 10 s')
    const [{ since } = { since: null }] = report().reasons
    while (Date.now() === Date.parse(since!));
    conditions.raise('flush_stalled', 'for 20 s')
    expect(report().reasons[0]).to.include({ since, detail: 'for 20 s' })
  })

  it('are logged when they begin, change and end, and never twice in the same words', () => {
    const { conditions, logged } = newService()
    const long = 'x'.repeat(2 * TEXT_BYTES)
    for (const text of ['one', 'one', long, long]) conditions.raise('flush_stalled', text)
    conditions.clear('flush_stalled')
    conditions.clear('flush_stalled')
    expect(logged.map(({ msg }) => msg)).to.deep.equal(['one', long, `over: ${long}`])
  })

  it('have a series each in the metrics, raised or not', async () => {
    const { conditions, facts } = newService()
    conditions.raise('flush_stalled', 'The flush hangs.')
    const text = await metricsText(facts)
    for (const name of CONDITIONS)
      expect(text).to.include(
        `clickcounter_condition{reason="${name}"} ${name === 'flush_stalled' ? 1 : 0}\n`,
      )
  })
})

function newService() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_SERVING)
  Atomics.store(memory.i32, CONTROL.databaseState, DATABASE_UP)
  const logged: { msg: string }[] = []
  const log = pino({}, { write: line => void logged.push(JSON.parse(line)) })
  const { config } = readConfig({ env: {}, cwd: '/', cores: 2 })
  const facts = { memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' }
  return {
    facts,
    logged,
    conditions: new Conditions(memory, log),
    report: () => {
      const report = healthReport(facts, Date.now())
      expect(healthSchema.validate(report, { convert: false }).error).to.equal(undefined)
      return report
    },
  }
}
