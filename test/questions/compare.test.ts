import { expect } from 'chai'
import { comparedRange } from '../../lib/questions/compare.ts'
import type { Comparison } from '../../lib/questions/question.ts'
import { formatTime, parseTime } from '../../lib/questions/time.ts'

type Times = readonly [from: string, to: string]

interface Example {
  readonly what: string
  readonly compare: Comparison
  readonly timeZone?: string
  readonly range: Times
  readonly compared: Times
}

const examples: readonly Example[] = [
  {
    what: 'as many days before',
    compare: 'previous',
    range: ['2024-12-09', '2024-12-16'],
    compared: ['2024-12-02T00:00:00Z', '2024-12-09T00:00:00Z'],
  },
  {
    what: 'as many minutes before',
    compare: 'previous',
    range: ['2024-12-09T10:00', '2024-12-09T10:05'],
    compared: ['2024-12-09T09:55:00Z', '2024-12-09T10:00:00Z'],
  },
  {
    what: 'a whole day before, although it has 23 hours',
    compare: 'previous',
    timeZone: 'Europe/Berlin',
    range: ['2024-04-01', '2024-04-02'],
    compared: ['2024-03-31T00:00:00+01:00', '2024-04-01T00:00:00+02:00'],
  },
  {
    what: 'the whole day before one of 25 hours',
    compare: 'previous',
    timeZone: 'Europe/Berlin',
    range: ['2024-10-27', '2024-10-28'],
    compared: ['2024-10-26T00:00:00+02:00', '2024-10-27T00:00:00+02:00'],
  },
  {
    what: 'days and the rest before',
    compare: 'previous',
    timeZone: 'Europe/Berlin',
    range: ['2024-10-27', '2024-10-28T06:00'],
    compared: ['2024-10-25T18:00:00+02:00', '2024-10-27T00:00:00+02:00'],
  },
  {
    what: 'the same month of the year before',
    compare: 'year',
    timeZone: 'America/New_York',
    range: ['2024-11-01', '2024-12-01'],
    compared: ['2023-11-01T00:00:00-04:00', '2023-12-01T00:00:00-05:00'],
  },
  {
    what: 'a February without a leap day',
    compare: 'year',
    range: ['2024-02-01', '2024-03-01'],
    compared: ['2023-02-01T00:00:00Z', '2023-03-01T00:00:00Z'],
  },
  {
    what: 'a February with a leap day',
    compare: 'year',
    range: ['2025-02-01', '2025-03-01'],
    compared: ['2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
  },
  {
    what: 'the last of February for a leap day',
    compare: 'year',
    range: ['2024-02-29', '2024-03-01'],
    compared: ['2023-02-28T00:00:00Z', '2023-03-01T00:00:00Z'],
  },
  {
    what: 'as long for a range that ends on a leap day',
    compare: 'year',
    range: ['2024-02-22', '2024-02-29'],
    compared: ['2023-02-22T00:00:00Z', '2023-03-01T00:00:00Z'],
  },
  {
    what: 'never without length: within a leap day',
    compare: 'year',
    range: ['2024-02-28T12:00', '2024-02-29T12:00'],
    compared: ['2023-02-28T12:00:00Z', '2023-03-01T12:00:00Z'],
  },
  {
    what: 'never without length: in an hour that is shown twice',
    compare: 'year',
    timeZone: 'Europe/Berlin',
    range: ['2024-10-27T02:45:00+02:00', '2024-10-27T02:15:00+01:00'],
    compared: ['2023-10-27T02:45:00+02:00', '2023-10-27T03:15:00+02:00'],
  },
]

describe('the range to compare with', () => {
  for (const { what, compare, timeZone = 'UTC', range, compared } of examples)
    it(`is ${what}`, () => {
      const [from, to] = range.map(text => parseTime(text, timeZone)!)
      const found = comparedRange({ from: from!, to: to! }, timeZone, compare)!
      expect([found.from, found.to].map(time => formatTime(time, timeZone))).to.deep.equal(compared)
    })

  it('is none before the year 1', () => {
    const range = { from: new Date('0001-01-01T00:00Z'), to: new Date('0001-02-01T00:00Z') }
    for (const compare of ['previous', 'year'] as const)
      expect(comparedRange(range, 'UTC', compare)).to.equal(null)
  })
})
