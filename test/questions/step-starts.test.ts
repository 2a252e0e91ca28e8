import { expect } from 'chai'
import fc from 'fast-check'
import { STEPS, type Step } from '../../lib/questions/step.ts'
import { leastSteps, stepStarts } from '../../lib/questions/step-starts.ts'
import { parseTime } from '../../lib/questions/time.ts'
import { minutesOf } from '../../lib/questions/time-range.ts'
import { timeWriter } from '../../lib/questions/write-times.ts'
import { plainStart } from './plain-steps.ts'
import { writtenTime } from './written-time.ts'

const ZONES = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/GMT+12', 'Etc/GMT-14', 'EST5EDT']
const RUNS = Number(process.env.CLICKCOUNTER_TEST_STEPS ?? 400)

interface Example {
  readonly what: string
  readonly ask: readonly [step: Step, timeZone: string, from: string, to: string]
  readonly starts: readonly string[]
}

const examples: readonly Example[] = [
  {
    what: 'the hours of a day of 25',
    ask: ['hour', 'Europe/Berlin', '2024-10-27T01:30', '2024-10-27T04:00'],
    starts: [
      '2024-10-27T01:00:00+02:00',
      '2024-10-27T02:00:00+02:00',
      '2024-10-27T02:00:00+01:00',
      '2024-10-27T03:00:00+01:00',
    ],
  },
  {
    what: 'the hours of a day of 23',
    ask: ['hour', 'Europe/Berlin', '2024-03-31T01:00', '2024-03-31T05:00'],
    starts: ['2024-03-31T01:00:00+01:00', '2024-03-31T03:00:00+02:00', '2024-03-31T04:00:00+02:00'],
  },
  {
    what: 'half an hour, where clocks are turned back by as much',
    ask: ['hour', 'Australia/Lord_Howe', '2024-04-07T01:00', '2024-04-07T03:00'],
    starts: ['2024-04-07T01:00:00+11:00', '2024-04-07T01:30:00+10:30', '2024-04-07T02:00:00+10:30'],
  },
  {
    what: 'the hours of a zone of three quarters',
    ask: ['hour', 'Asia/Kathmandu', '2024-01-01T00:00', '2024-01-01T02:00'],
    starts: ['2024-01-01T00:00:00+05:45', '2024-01-01T01:00:00+05:45'],
  },
  {
    what: 'days on both sides of one that was skipped',
    ask: ['day', 'Pacific/Apia', '2011-12-29', '2012-01-01'],
    starts: ['2011-12-29T00:00:00-10:00', '2011-12-31T00:00:00+14:00'],
  },
  {
    what: 'days on both sides of another one that was skipped',
    ask: ['day', 'Pacific/Kwajalein', '1993-08-20', '1993-08-23'],
    starts: ['1993-08-20T00:00:00-12:00', '1993-08-22T00:00:00+12:00'],
  },
  {
    what: 'a day without midnight, at its first moment',
    ask: ['day', 'America/Sao_Paulo', '2018-11-03', '2018-11-06'],
    starts: ['2018-11-03T00:00:00-03:00', '2018-11-04T01:00:00-02:00', '2018-11-05T00:00:00-02:00'],
  },
  {
    what: 'another day without midnight',
    ask: ['day', 'Africa/Cairo', '2024-04-25', '2024-04-27'],
    starts: ['2024-04-25T00:00:00+02:00', '2024-04-26T01:00:00+03:00'],
  },
  {
    what: 'a day with two midnights, at the first one',
    ask: ['day', 'America/Havana', '2024-11-03', '2024-11-05'],
    starts: ['2024-11-03T00:00:00-04:00', '2024-11-04T00:00:00-05:00'],
  },
  {
    what: 'days between which an hour is shown twice, the first time',
    ask: ['day', 'America/St_Johns', '2010-11-06', '2010-11-08'],
    starts: ['2010-11-06T00:00:00-02:30', '2010-11-07T00:00:00-02:30'],
  },
  {
    what: 'weeks over the edge of a year',
    ask: ['week', 'Europe/Paris', '2024-12-28', '2025-01-07'],
    starts: ['2024-12-23T00:00:00+01:00', '2024-12-30T00:00:00+01:00', '2025-01-06T00:00:00+01:00'],
  },
  {
    what: 'months over a leap day',
    ask: ['month', 'America/New_York', '2024-01-31', '2024-04-01'],
    starts: ['2024-01-01T00:00:00-05:00', '2024-02-01T00:00:00-05:00', '2024-03-01T00:00:00-05:00'],
  },
  {
    what: 'days of an offset with seconds, in whole minutes of UTC',
    ask: ['day', 'Europe/Paris', '1850-01-15', '1850-01-17'],
    starts: ['1850-01-14T23:51:00Z', '1850-01-15T23:51:00Z'],
  },
  {
    what: 'one step, the whole range',
    ask: ['all', 'Asia/Kolkata', '2024-01-01T10:07', '2025-01-01'],
    starts: ['2024-01-01T10:07:00+05:30'],
  },
]

describe('the steps of a range', () => {
  for (const { what, ask, starts } of examples)
    it(`are ${what}`, () => {
      const [step, timeZone, from, to] = ask
      const range = { from: parseTime(from, timeZone)!, to: parseTime(to, timeZone)! }
      const found = stepStarts({ ...range, step, timeZone })
      const write = timeWriter(timeZone, { from: found[0]!, to: minutesOf(range).to })
      expect(found.map(start => writtenTime(write, start))).to.deep.equal(starts)
    })

  it('are none where no minute starts in the range', () => {
    const range = { from: new Date('2024-01-01T10:00:01Z'), to: new Date('2024-01-01T10:00:59Z') }
    for (const step of STEPS) expect(stepStarts({ ...range, step, timeZone: 'UTC' })).to.deep.equal([])
  })

  it('are those that Temporal says, in every zone and beside every change of its clocks', () => {
    fc.assert(
      fc.property(anyRange, fc.constantFrom(...STEPS.filter(step => step !== 'all')), (asked, step) => {
        const { timeZone, from, to, samples } = asked
        const starts = stepStarts({ ...datesOf(from, to), step, timeZone })
        const least = leastSteps(step, { from, to })
        expect(starts.length).to.be.at.least(least)
        if (step in { minute: 1, quarter: 1, hour: 1 }) expect(starts.length).to.be.at.most(least + 10)
        const minutes = samples.map(sample => from + Math.floor(sample * (to - from)))
        for (const minute of [from, to - 1, ...minutes])
          expect(starts.findLast(start => start <= minute)).to.equal(plainStart(step, timeZone, minute))
        for (const start of starts.slice(-200))
          expect(plainStart(step, timeZone, Math.max(start, from))).to.equal(start)
      }),
      { numRuns: RUNS },
    )
  })

  it('are found at once: ten years of hours', () => {
    const range = { from: new Date('2015-01-01Z'), to: new Date('2025-01-01Z') }
    const ask = () => stepStarts({ ...range, step: 'hour', timeZone: 'Australia/Lord_Howe' })
    // Twenty changes of the clocks, each to a half hour of its own.
    expect(ask()).to.have.length(87_672 + 10)
    const times = Array.from({ length: 20 }, () => {
      const startedAtMs = performance.now()
      ask()
      return performance.now() - startedAtMs
    })
    expect(times.toSorted((one, other) => one - other)[10]).to.be.below(20)
  })
})

/** A range in a zone, in minutes, most of them around a change of its clocks. Samples are parts of its length. */
const anyRange = fc
  .record({
    timeZone: fc.constantFrom(...ZONES),
    year: fc.integer({ min: 1850, max: 2060 }),
    minuteOfYear: fc.nat(525_599),
    isAtChange: fc.integer({ min: 0, max: 3 }).map(one => one > 0),
    before: fc.nat(3000),
    length: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 400_000 })),
    samples: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 8,
      maxLength: 8,
    }),
  })
  .map(({ timeZone, year, minuteOfYear, isAtChange, before, length, samples }) => {
    const minute = Date.UTC(year) / 60_000 + minuteOfYear
    const time = Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toZonedDateTimeISO(timeZone)
    const change = isAtChange ? time.getTimeZoneTransition('next') : null
    const from = (change ? Math.floor(change.epochMilliseconds / 60_000) : minute) - before
    return { timeZone, from, to: from + length, samples }
  })

function datesOf(from: number, to: number): { from: Date; to: Date } {
  return { from: new Date(from * 60_000), to: new Date(to * 60_000) }
}
