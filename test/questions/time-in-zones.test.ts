import { expect } from 'chai'
import fc from 'fast-check'
import { formatTime, parseTime } from '../../lib/questions/time.ts'
import { timeWriter } from '../../lib/questions/write-times.ts'
import { writtenTime } from './written-time.ts'

const right: readonly (readonly [text: string, timeZone: string, utc: string])[] = [
  ['2024-12-12T10:00', 'Asia/Kathmandu', '2024-12-12T04:15:00Z'],
  ['20241212T1000', 'Asia/Kathmandu', '2024-12-12T04:15:00Z'],
  ['2024-12-12 10:00:00,5', 'Asia/Kathmandu', '2024-12-12T04:15:00.500Z'],
  ['2024-12-12T10:00Z', 'Asia/Kathmandu', '2024-12-12T10:00:00Z'],
  ['2024-12-12T10:00+01:00', 'Asia/Kathmandu', '2024-12-12T09:00:00Z'],
  ['2024-12-12', 'Asia/Kathmandu', '2024-12-11T18:15:00Z'],
  ['20241212', 'Asia/Kathmandu', '2024-12-11T18:15:00Z'],
  // Shown twice: the first time.
  ['2024-10-27T02:30', 'Europe/Berlin', '2024-10-27T00:30:00Z'],
  // Never shown: as much later as the clocks skip.
  ['2024-03-31T02:30', 'Europe/Berlin', '2024-03-31T01:30:00Z'],
  // A day without midnight, and one that was skipped.
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
]

describe('a time in a zone', () => {
  for (const [text, timeZone, utc] of right)
    it(`${text} in ${timeZone} is ${utc}`, () => {
      expect(formatTime(parseTime(text, timeZone)!)).to.equal(utc)
    })

  it('must be a day that there is', () => {
    for (const text of ['2023-02-29', '2024-04-31T10:00', '20240230T1000'])
      expect(parseTime(text, 'Europe/Berlin')).to.equal(null)
  })

  it('is written with its offset, and in UTC with Z or where the offset has seconds', () => {
    const write = (text: string, timeZone: string) => formatTime(new Date(text), timeZone)
    expect(write('2024-12-12T10:00:00Z', 'UTC')).to.equal('2024-12-12T10:00:00Z')
    expect(write('2024-12-12T10:00:00.5Z', 'Asia/Kathmandu')).to.equal('2024-12-12T15:45:00.500+05:45')
    expect(write('2024-12-12T02:00:00Z', 'America/St_Johns')).to.equal('2024-12-11T22:30:00-03:30')
    expect(write('2024-12-12T10:00:00Z', 'Europe/London')).to.equal('2024-12-12T10:00:00+00:00')
    expect(write('1850-01-01T10:00:00Z', 'Europe/Paris')).to.equal('1850-01-01T10:00:00Z')
  })

  it('is the same whether one is written or many', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC')
    fc.assert(
      fc.property(
        zones,
        fc.integer({ min: -60_000_000, max: 60_000_000 }),
        fc.nat(2000),
        (zone, from, gap) => {
          const minutes = Array.from({ length: 300 }, (_, nth) => from + nth * gap)
          const write = timeWriter(zone, { from, to: minutes.at(-1)! + 1 })
          // There and back: who writes two lists of the same range begins anew.
          for (const minute of [...minutes, ...minutes.toReversed()])
            expect(writtenTime(write, minute)).to.equal(formatTime(new Date(minute * 60_000), zone))
        },
      ),
      { numRuns: 100 },
    )
  })
})
