import { expect } from 'chai'
import { MAX_RANGE_DAYS, mistakeInRange } from '../../lib/questions/time-range.ts'

const DAY_MS = 86_400_000
const from = new Date('2024-12-12T10:00:00Z')
const after = (ms: number) => new Date(from.getTime() + ms)

describe('a range of time', () => {
  const ranges = [
    { what: 'of a millisecond', lengthMs: 1, mistake: null },
    { what: 'as long as it may be', lengthMs: MAX_RANGE_DAYS * DAY_MS, mistake: null },
    { what: 'a millisecond longer', lengthMs: MAX_RANGE_DAYS * DAY_MS + 1, mistake: 'length' },
    { what: 'without length', lengthMs: 0, mistake: 'order' },
    { what: 'that ends before it begins', lengthMs: -1, mistake: 'order' },
  ]
  for (const { what, lengthMs, mistake } of ranges)
    it(`${what} ${mistake === null ? 'is right' : `is wrong: its ${mistake}`}`, () => {
      expect(mistakeInRange({ from, to: after(lengthMs) })).to.equal(mistake)
    })
})
