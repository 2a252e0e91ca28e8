import { mock } from 'node:test'
import { expect } from 'chai'
import { type FlushFacts, Schedule } from '../../lib/flush/schedule.ts'
import type { StoreTry } from '../../lib/flush/storer.ts'
import type { SlotState } from '../../lib/flush/task-slot.ts'

const STORED: StoreTry = { isGood: true, hadItem: true, hasCompared: true }
const PINGED: StoreTry = { ...STORED, hadItem: false }
const FAILED: StoreTry = { isGood: false, hadItem: true, hasCompared: false }
/** Neither of them starts anything. */
const NOT_FREE: readonly SlotState[] = ['busy', 'backing off', 'stopped']
const EMPTY = { isEmpty: true, hasClicks: false, hasStorableClicks: false }
const OF_CLICKS = { isEmpty: false, hasClicks: true, hasStorableClicks: true }
/** All of it is of earlier processes, and cannot be read now. */
const DEFERRED = { isEmpty: true, hasClicks: true, hasStorableClicks: false }
const ENDED_WRITER = { isEmpty: false, hasClicks: false, hasStorableClicks: false }

describe('the schedule of flushes', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: 1e12 })
    mock.method(performance, 'now', () => Date.now())
  })
  afterEach(() => mock.reset())

  describe('for collecting', () => {
    it('starts it at the interval when there is something to collect, and once', () => {
      const { schedule, facts } = newSchedule()
      facts.clicks = 1
      expect(schedule.startsCollecting, 'before the interval').to.equal(false)
      schedule.intervalPassed()
      expect(schedule.startsCollecting).to.equal(true)
      schedule.collectingStarts()
      expect(schedule.startsCollecting, 'a second time').to.equal(false)
    })

    it('waits for the next interval with what comes after an empty one', () => {
      const { schedule, facts } = newSchedule()
      schedule.intervalPassed()
      facts.clicks = 1
      expect(schedule.startsCollecting).to.equal(false)
    })

    it('starts it for an ask beyond what is collected, clicks or not', () => {
      const { schedule, facts } = newSchedule()
      facts.collector.collectedGeneration = 4
      facts.asks.newestGeneration = 4
      expect(schedule.startsCollecting).to.equal(false)
      facts.asks.newestGeneration = 5
      expect(schedule.startsCollecting).to.equal(true)
    })

    it('starts it in a drain as long as the ring has clicks', () => {
      const { schedule, facts } = newSchedule()
      schedule.drain()
      expect(schedule.startsCollecting).to.equal(false)
      facts.clicks = 1
      expect(schedule.startsCollecting).to.equal(true)
      schedule.collectingStarts()
      expect(schedule.startsCollecting, 'what is left').to.equal(true)
    })

    it('starts it again after it has failed', () => {
      const { schedule, facts } = newSchedule()
      facts.clicks = 1
      schedule.intervalPassed()
      schedule.collectingStarts()
      schedule.collectingFailed()
      expect(schedule.startsCollecting).to.equal(true)
    })

    it('starts nothing unless its slot is free', () => {
      const { schedule, facts } = newSchedule()
      facts.clicks = 1
      facts.asks.newestGeneration = 1
      schedule.drain()
      for (const state of NOT_FREE) {
        facts.collecting.state = state
        expect(schedule.startsCollecting, state).to.equal(false)
      }
    })
  })

  describe('for storing', () => {
    it('starts nothing before the tables are ready', () => {
      const { schedule, facts } = newSchedule({ tables: 'unknown' })
      facts.backlog = OF_CLICKS
      expect(schedule.startsStoring).to.equal(false)
      schedule.tablesAre('missing')
      expect(schedule.startsStoring).to.equal(false)
      schedule.tablesAre('ready')
      expect(schedule.startsStoring).to.equal(true)
    })

    it('starts a ping 5 s after the last comparison, and an item at once', () => {
      const { schedule, facts } = newSchedule()
      expect(schedule.startsStoring, 'at the start').to.equal(true)
      schedule.storingEnded(PINGED)
      mock.timers.setTime(1e12 + 5000)
      expect(schedule.startsStoring, 'after 5 s').to.equal(false)
      mock.timers.setTime(1e12 + 5001)
      expect(schedule.startsStoring).to.equal(true)
      schedule.storingEnded(STORED)
      expect(schedule.startsStoring).to.equal(false)
      facts.backlog = ENDED_WRITER
      expect(schedule.startsStoring).to.equal(true)
    })

    it('starts another one at once when the database was not compared', () => {
      const { schedule } = newSchedule()
      schedule.storingEnded({ ...PINGED, hasCompared: false })
      expect(schedule.startsStoring).to.equal(true)
    })

    it('starts nothing unless its slot is free', () => {
      const { schedule, facts } = newSchedule()
      facts.backlog = OF_CLICKS
      for (const state of NOT_FREE) {
        facts.storing.state = state
        expect(schedule.startsStoring, state).to.equal(false)
      }
    })

    it('is urgent when somebody waits for it, in a drain, and while it is behind', () => {
      const { schedule, facts } = newSchedule()
      expect(schedule.isStoringUrgent, 'at rest').to.equal(false)
      facts.asks.isStoringAwaited = true
      expect(schedule.isStoringUrgent, 'awaited').to.equal(true)
      facts.asks.isStoringAwaited = false
      schedule.storingEnded(FAILED)
      expect(schedule.isStoringUrgent, 'after a failure').to.equal(true)
      facts.backlog = OF_CLICKS
      schedule.storingEnded(STORED)
      expect(schedule.isStoringUrgent, 'more had come').to.equal(true)
      schedule.storingEnded(PINGED)
      expect(schedule.isStoringUrgent, 'after a ping').to.equal(false)
      facts.backlog = EMPTY
      schedule.storingEnded(STORED)
      expect(schedule.isStoringUrgent, 'caught up').to.equal(false)
      schedule.drain()
      expect(schedule.isStoringUrgent, 'in a drain').to.equal(true)
    })
  })

  describe('of asks', () => {
    it('lets those for collecting wait until that, whatever Postgres does', () => {
      const { schedule, facts } = newSchedule()
      facts.storer.isElsewhere = true
      facts.storing.state = 'backing off'
      expect(schedule.verdict(1, 'collected')).to.equal('wait')
      facts.collector.collectedGeneration = 1
      expect(schedule.verdict(1, 'collected')).to.equal('reached')
    })

    it('lets those for storing wait while clicks of their generation may be anywhere', () => {
      const { schedule, facts } = newSchedule()
      facts.clicks = 1
      expect(schedule.verdict(1, 'stored'), 'in the ring').to.equal('wait')
      facts.clicks = 0
      facts.collector.collectedGeneration = 1
      facts.backlog = OF_CLICKS
      expect(schedule.verdict(1, 'stored'), 'in the backlog').to.equal('wait')
      facts.storer.ledgerGeneration = 1
      expect(schedule.verdict(1, 'stored'), 'newer ones are').to.equal('reached')
      expect(schedule.verdict(2, 'stored')).to.equal('wait')
    })

    it('lets those for storing go when nothing is left anywhere, or nothing that can be read', () => {
      const { schedule, facts } = newSchedule()
      expect(schedule.verdict(7, 'stored'), 'nothing left').to.equal('reached')
      facts.backlog = DEFERRED
      expect(schedule.verdict(7, 'stored'), 'not collected').to.equal('wait')
      facts.collector.collectedGeneration = 7
      expect(schedule.verdict(7, 'stored')).to.equal('reached')
    })

    it('lets those for storing wait until a database is met, as long as clicks of earlier processes wait for that', () => {
      const { schedule, facts } = newSchedule()
      facts.collector.collectedGeneration = 7
      facts.journal.isUnmet = true
      expect(schedule.verdict(7, 'stored'), 'the backlog does not have them yet').to.equal('wait')
      facts.journal.isUnmet = false
      facts.backlog = OF_CLICKS
      expect(schedule.verdict(7, 'stored'), 'the backlog has them').to.equal('wait')
      facts.backlog = EMPTY
      expect(schedule.verdict(7, 'stored')).to.equal('reached')
    })

    it('lets those for storing wait until somebody has looked for the tables, with nothing left to store as well', () => {
      const { schedule } = newSchedule({ tables: 'unknown' })
      expect(schedule.verdict(7, 'stored')).to.equal('wait')
      expect(schedule.verdict(7, 'collected')).to.equal('wait')
      schedule.tablesAre('ready')
      expect(schedule.verdict(7, 'stored')).to.equal('reached')
    })

    it('refuses those for storing while Postgres is away, without tables, or another one', () => {
      const { schedule, facts } = newSchedule({ tables: 'unknown' })
      facts.clicks = 1
      facts.storing.state = 'backing off'
      expect(schedule.verdict(1, 'stored'), 'not known yet').to.equal('wait')
      schedule.tablesAre('missing')
      expect(schedule.verdict(1, 'stored'), 'missing').to.have.property('code', 'DATABASE_UNAVAILABLE')
      schedule.tablesAre('ready')
      expect(schedule.verdict(1, 'stored'), 'away').to.have.property('code', 'NOT_STORED')
      facts.storing.state = 'busy'
      expect(schedule.verdict(1, 'stored'), 'tried again').to.equal('wait')
      facts.clicks = 0
      facts.storer.isElsewhere = true
      expect(schedule.verdict(1, 'stored'), 'elsewhere').to.have.property('code', 'DATABASE_UNAVAILABLE')
    })
  })

  it('ends a drain when no clicks are left anywhere, and no store runs', () => {
    const { schedule, facts } = newSchedule()
    expect(schedule.isDrained).to.equal(true)
    facts.storing.state = 'busy'
    expect(schedule.isDrained, 'a store runs').to.equal(false)
    facts.storing.state = 'backing off'
    facts.backlog = ENDED_WRITER
    expect(schedule.isDrained, 'only an end is left').to.equal(true)
    facts.backlog = DEFERRED
    expect(schedule.isDrained, 'deferred').to.equal(false)
    facts.backlog = EMPTY
    facts.journal.isUnmet = true
    expect(schedule.isDrained, 'no database met').to.equal(false)
    facts.journal.isUnmet = false
    facts.clicks = 1
    expect(schedule.isDrained, 'in the ring').to.equal(false)
  })
})

/** Nothing is there, asked for, or running. */
function newSchedule({ tables = 'ready' as 'unknown' | 'ready' } = {}) {
  const facts = {
    clicks: 0,
    clicksInRing: () => facts.clicks,
    collecting: { state: 'free' as SlotState },
    storing: { state: 'free' as SlotState },
    collector: { collectedGeneration: 0 },
    storer: { ledgerGeneration: 0, isElsewhere: false },
    backlog: EMPTY as FlushFacts['backlog'],
    journal: { isUnmet: false },
    asks: { newestGeneration: 0, isStoringAwaited: false },
  }
  const schedule = new Schedule(facts)
  if (tables === 'ready') schedule.tablesAre('ready')
  return { schedule, facts }
}
