import { expect } from 'chai'
import fc from 'fast-check'
import { type Cuts, cut } from '../../lib/questions/cuts.ts'
import type { MinuteRange } from '../../lib/questions/time-range.ts'

const DAY = 1440
/** So that examples can be read: day 10 is the first. */
const at = (day: number, hour = 0, minute = 0) => day * DAY + hour * 60 + minute
const TABLES = ['days', 'quarters', 'minutes'] as const
const none: Cuts = { days: [], quarters: [], minutes: [], moved: [] }

interface Example {
  readonly what: string
  readonly starts: readonly number[]
  readonly to: number
  readonly quartersUntil?: number
  readonly daysUntil?: number
  readonly cuts: Partial<Cuts>
}

const examples: readonly Example[] = [
  {
    what: 'whole days of UTC from days, as one piece',
    starts: [at(10), at(11), at(12)],
    to: at(13),
    cuts: { days: [{ from: at(10), to: at(13) }] },
  },
  {
    what: 'days of a zone in the east from days of UTC, whose ends are moved to the next one',
    starts: [at(10, 18, 15), at(11, 18, 15), at(12, 18, 15)],
    to: at(13, 18, 15),
    cuts: {
      days: [{ from: at(11), to: at(13) }],
      quarters: [
        { from: at(10, 18, 15), to: at(11) },
        { from: at(13), to: at(13, 18, 15) },
      ],
      moved: [
        { from: at(11, 18, 15), to: at(12) },
        { from: at(12, 18, 15), to: at(13) },
      ],
    },
  },
  {
    what: 'days of a zone in the west from days of UTC, whose beginnings are moved to the one before',
    starts: [at(10, 5), at(11, 5), at(12, 4)],
    to: at(13),
    cuts: {
      days: [{ from: at(11), to: at(13) }],
      quarters: [{ from: at(10, 5), to: at(11) }],
      moved: [
        { from: at(11), to: at(11, 5) },
        { from: at(12), to: at(12, 4) },
      ],
    },
  },
  {
    what: 'a day in which two steps begin from quarters',
    starts: [at(10), at(11, 10), at(11, 22)],
    to: at(13),
    cuts: {
      days: [
        { from: at(10), to: at(11) },
        { from: at(12), to: at(13) },
      ],
      quarters: [{ from: at(11), to: at(12) }],
    },
  },
  {
    what: 'a day in which a step begins from minutes, when it begins within a quarter',
    starts: [at(10), at(11, 12, 7)],
    to: at(12),
    cuts: {
      days: [{ from: at(10), to: at(11) }],
      quarters: [
        { from: at(11), to: at(11, 12) },
        { from: at(11, 12, 15), to: at(12) },
      ],
      minutes: [{ from: at(11, 12), to: at(11, 12, 15) }],
    },
  },
  {
    what: 'a day in which a step begins from quarters, when not all of it is summed up',
    starts: [at(10, 18, 15), at(11, 18, 15)],
    to: at(12, 18, 15),
    daysUntil: at(11, 23, 45),
    cuts: { quarters: [{ from: at(10, 18, 15), to: at(12, 18, 15) }] },
  },
  {
    what: 'weeks of another zone from days, and their edges from quarters',
    starts: [at(10, 23), at(17, 23)],
    to: at(24, 23),
    cuts: {
      days: [{ from: at(11), to: at(24) }],
      quarters: [
        { from: at(10, 23), to: at(11) },
        { from: at(24), to: at(24, 23) },
      ],
      moved: [{ from: at(17, 23), to: at(18) }],
    },
  },
  {
    what: 'the edges of a range from minutes',
    starts: [at(10, 0, 7)],
    to: at(12, 0, 16),
    cuts: {
      days: [{ from: at(11), to: at(12) }],
      quarters: [
        { from: at(10, 0, 15), to: at(11) },
        { from: at(12), to: at(12, 0, 15) },
      ],
      minutes: [
        { from: at(10, 0, 7), to: at(10, 0, 15) },
        { from: at(12, 0, 15), to: at(12, 0, 16) },
      ],
    },
  },
  {
    what: 'a quarter that the range has a part of, from minutes',
    starts: [at(10, 0, 7)],
    to: at(10, 0, 14),
    cuts: { minutes: [{ from: at(10, 0, 7), to: at(10, 0, 14) }] },
  },
  {
    what: 'the running day from its row up to the watermark, and then from quarters and minutes',
    starts: [at(10)],
    to: at(12),
    daysUntil: at(11, 9, 15),
    quartersUntil: at(11, 9, 30),
    cuts: {
      days: [{ from: at(10), to: at(11, 9, 15) }],
      quarters: [{ from: at(11, 9, 15), to: at(11, 9, 30) }],
      minutes: [{ from: at(11, 9, 30), to: at(12) }],
    },
  },
  {
    what: 'a part of the running day from quarters, because its row has more',
    starts: [at(11)],
    to: at(11, 9),
    daysUntil: at(11, 9, 15),
    cuts: { quarters: [{ from: at(11), to: at(11, 9) }] },
  },
  {
    what: 'the hours of the running day from quarters',
    starts: [at(11), at(11, 1)],
    to: at(11, 2),
    daysUntil: at(11, 1, 30),
    quartersUntil: at(11, 1, 30),
    cuts: {
      quarters: [{ from: at(11), to: at(11, 1, 30) }],
      minutes: [{ from: at(11, 1, 30), to: at(11, 2) }],
    },
  },
  {
    what: 'the first hour of the running day from its row, which ends with it',
    starts: [at(11), at(11, 1)],
    to: at(11, 2),
    daysUntil: at(11, 1),
    cuts: {
      days: [{ from: at(11), to: at(11, 1) }],
      quarters: [{ from: at(11, 1), to: at(11, 2) }],
    },
  },
  {
    what: 'all of it from minutes where nothing is summed up',
    starts: [at(10), at(11)],
    to: at(12),
    daysUntil: at(3),
    quartersUntil: at(3),
    cuts: { minutes: [{ from: at(10), to: at(12) }] },
  },
  { what: 'nothing of no step', starts: [], to: at(10), cuts: {} },
]

describe('a question is cut', () => {
  for (const { what, starts, to, quartersUntil = at(99), daysUntil = at(99), cuts } of examples)
    it(`into ${what}`, () => {
      const range = { from: starts[0] ?? to, to }
      expect(cut(starts, range, { quartersUntil, daysUntil })).to.deep.equal({ ...none, ...cuts })
    })

  it('so that each minute counts once for its own step, from the coarsest table that fits', () => {
    fc.assert(
      fc.property(anyQuestion, ({ starts, range, marks }) => {
        const cuts = cut(starts, range, marks)
        // What is moved is within a day each, and goes to another step than its neighbour in the next day may.
        expect(TABLES.every(table => isMerged(cuts[table]))).to.equal(true)
        expect(cuts.moved.every(({ from, to }) => to - from <= DAY / 2)).to.equal(true)
        const isWrong = (minute: number) => {
          const table = tableOf(minute, starts, range, marks)
          const isRead = TABLES.every(other => isIn(minute, cuts[other]) === (other === table))
          return !isRead || !countsOnce(minute, starts, cuts)
        }
        let minute = range.from
        while (minute < range.to && !isWrong(minute)) minute++
        expect(minute).to.equal(range.to)
        const isOutside = ({ from, to }: MinuteRange) => from < range.from || to > range.to
        expect(Object.values(cuts).flat().some(isOutside)).to.equal(false)
      }),
      { numRuns: 300 },
    )
  })
})

/** Steps whose starts are often at edges of quarters and days, and watermarks among them. */
const anyQuestion = fc
  .record({
    from: fc.integer({ min: 9 * DAY, max: 10 * DAY }),
    gaps: fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(15, 60, 45),
        fc.constantFrom(DAY - 60, DAY - 30, DAY - 45, DAY, DAY + 60, 2 * DAY),
      ),
      { minLength: 1, maxLength: 6 },
    ),
    before: fc.constantFrom(0, 0, 5, 60),
    isRound: fc.boolean(),
    quarters: fc.nat(4 * 96),
    edge: fc.nat(12),
    beside: fc.integer({ min: -1, max: 1 }),
    behind: fc.oneof(fc.nat(3), fc.nat(2 * 96)),
  })
  .map(({ from, gaps, before, isRound, quarters, edge, beside, behind }) => {
    const starts = [isRound ? Math.floor(from / 15) * 15 : from]
    for (const gap of gaps) starts.push(starts.at(-1)! + gap)
    const to = starts.pop()!
    const range = { from: Math.min(starts[0]! + before, to), to }
    // At the edge of a step or beside it, or anywhere.
    const near = starts[edge]
    const quartersUntil = near ? (Math.floor(near / 15) + beside) * 15 : (9 * 96 + quarters) * 15
    return { starts, range, marks: { quartersUntil, daysUntil: quartersUntil - behind * 15 } }
  })
  .filter(({ starts, range }) => (starts[1] ?? range.to) > range.from)

function tableOf(
  minute: number,
  starts: readonly number[],
  range: MinuteRange,
  { quartersUntil, daysUntil }: { quartersUntil: number; daysUntil: number },
): keyof Cuts {
  const from = Math.max(starts.findLast(start => start <= minute)!, range.from)
  const to = starts.find(start => start > minute) ?? range.to
  const day = Math.floor(minute / DAY) * DAY
  const dayEnd = Math.min(day + DAY, daysUntil)
  if (minute < daysUntil && day >= from && dayEnd <= to) return 'days'
  const within = starts.slice(1).filter(start => start > day && start < day + DAY)
  const isWhole = day >= range.from && day + DAY <= Math.min(range.to, daysUntil)
  if (isWhole && within.length === 1 && within[0]! % 15 === 0) return 'days'
  const quarter = Math.floor(minute / 15) * 15
  return quarter >= from && quarter + 15 <= Math.min(to, quartersUntil) ? 'quarters' : 'minutes'
}

/** Whether it counts for its own step, once, and for no other one: as the statements say it. */
function countsOnce(minute: number, starts: readonly number[], { days, moved, ...fine }: Cuts): boolean {
  const stepOf = (minute: number) => starts.findLastIndex(start => start <= minute)
  const counts = starts.map(() => 0)
  const noon = Math.floor(minute / DAY) * DAY + DAY / 2
  if (isIn(minute, days)) counts[stepOf(Math.min(noon, days.at(-1)!.to - 1))]!++
  if (isIn(minute, moved)) counts[stepOf(noon)]!--
  for (const pieces of [fine.quarters, fine.minutes, moved])
    if (isIn(minute, pieces)) counts[stepOf(minute)]!++
  return counts.every((count, step) => count === Number(step === stepOf(minute)))
}

function isIn(minute: number, pieces: readonly MinuteRange[]): boolean {
  return pieces.some(({ from, to }) => from <= minute && minute < to)
}

/** Ascending, with a gap between neighbours. */
function isMerged(pieces: readonly MinuteRange[]): boolean {
  return pieces.every(({ from, to }, nth) => from < to && (nth === 0 || pieces[nth - 1]!.to < from))
}
