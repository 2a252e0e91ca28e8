import { expect } from 'chai'
import fc from 'fast-check'
import { formatTime, parseTime } from '../../lib/questions/time.ts'

const DAY_MS = 86_400_000
const anyTime = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T23:59:59.999Z'),
  noInvalidDate: true,
})
const anyOffset = fc.record({
  sign: fc.constantFrom(1, -1),
  hours: fc.nat(14),
  minutes: fc.nat(59),
  form: fc.constantFrom('hh:mm', 'hhmm', 'hh'),
})

const rightTimes = {
  '2024-12-12T10:00:00Z': '2024-12-12T10:00:00Z',
  '2024-12-12T10:00:00': '2024-12-12T10:00:00Z',
  '2024-12-12T10:00Z': '2024-12-12T10:00:00Z',
  '2024-12-12T10:00': '2024-12-12T10:00:00Z',
  '2024-12-12': '2024-12-12T00:00:00Z',
  '2024-12-12T10:00:00+02:00': '2024-12-12T08:00:00Z',
  '2024-12-12T10:00:00-0530': '2024-12-12T15:30:00Z',
  '2024-12-12T10:00:00+02': '2024-12-12T08:00:00Z',
  '2024-12-12T10:00:00-00:00': '2024-12-12T10:00:00Z',
  '2024-12-31T23:59:59-00:01': '2025-01-01T00:00:59Z',
  '2024-03-01T00:30:00+01:00': '2024-02-29T23:30:00Z',
  '2024-12-12T10:00:00.5Z': '2024-12-12T10:00:00.500Z',
  '2024-12-12T10:00:00.123Z': '2024-12-12T10:00:00.123Z',
  '2024-12-12T10:00:00.123000001Z': '2024-12-12T10:00:00.124Z',
  '2024-12-12T10:00:59.9999Z': '2024-12-12T10:01:00Z',
  '2024-12-12T10:00:00.000000000Z': '2024-12-12T10:00:00Z',
  '2024-02-29': '2024-02-29T00:00:00Z',
  '2000-02-29': '2000-02-29T00:00:00Z',
  '0001-01-01T00:00:00Z': '0001-01-01T00:00:00Z',
  '0099-01-01': '0099-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z': '9999-12-31T23:59:59Z',
  '2024-12-12 10:00:00Z': '2024-12-12T10:00:00Z',
  '2024-12-12 10:00:00+00': '2024-12-12T10:00:00Z',
  '2024-12-12t10:00:00z': '2024-12-12T10:00:00Z',
  '2024-12-12T10:00:00,5Z': '2024-12-12T10:00:00.500Z',
  '2024-12-12 10:00': '2024-12-12T10:00:00Z',
  '20241212T100000Z': '2024-12-12T10:00:00Z',
  '20241212T100000,25+0100': '2024-12-12T09:00:00.250Z',
  '20241212T100000.25+01:00': '2024-12-12T09:00:00.250Z',
  '20241212T100000-0530': '2024-12-12T15:30:00Z',
  '20241212t1000z': '2024-12-12T10:00:00Z',
  '20241212 100000': '2024-12-12T10:00:00Z',
  '20241212': '2024-12-12T00:00:00Z',
  '20240229': '2024-02-29T00:00:00Z',
}

const wrongTimes = [
  '2024-13-01T00:00:00Z',
  '2024-00-01T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2024-04-31T00:00:00Z',
  '2024-01-00T00:00:00Z',
  '2024-01-32T00:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T25:00:00Z',
  '2024-01-01T10:60:00Z',
  '2024-01-01T10:00:60Z',
  '2016-12-31T23:59:60Z',
  '2024-01-01T10:00:00+15:00',
  '2024-01-01T10:00:00+02:60',
  '2024-01-01T10:00:00+2',
  '2024-01-01T10:00:00 +02:00',
  '2024-01-01T10:00:00Europe/Berlin',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59-01:00',
  '9999-12-31T23:59:59.9999Z',
  '+002024-01-01T00:00:00Z',
  '-2024-01-01T00:00:00Z',
  '12024-01-01T00:00:00Z',
  '24-01-01T00:00:00Z',
  '2024-1-1T00:00:00Z',
  '2024-01-01T1:00:00Z',
  '2024-01-01T10Z',
  '2024-01-01Z',
  '2024-01-01T10:00:00.Z',
  '2024-01-01T10:00:00.0000000001Z',
  '2024-01-01  10:00:00Z',
  '2024-01-01_10:00:00Z',
  '2024-01-01T10:00:00ZZ',
  '2024-01-01T10:00:00,Z',
  '20240101T10:00:00Z',
  '2024-01-01T100000Z',
  '202401-01',
  '2024-0101',
  '2024-01-01T10:0000Z',
  '20240101T10Z',
  '20240101T240000Z',
  '20240101T100060Z',
  '20240230',
  '20230229T000000Z',
  '00000101',
  '20241301',
  '240101',
  '2024-01-01T10:00:00+1400:',
  '2024-01-01T10:00:00+14:0',
  '2024-W01-1',
  '2024-001',
  '2024-01',
  '2024',
  '1704067200',
  '1704067200000',
  'now',
  'yesterday',
  'infinity',
  '-infinity',
  'epoch',
  'Mon, 01 Jan 2024 10:00:00 GMT',
  ' 2024-01-01T10:00:00Z',
  '2024-01-01T10:00:00Z ',
  '2024-01-01T10:00:00Z\n',
  '2024-01-01T10:00:00Z\0',
  '２０２４-01-01T10:00:00Z',
  "2024-01-01'; DROP TABLE click_minutes; --",
  '',
]

describe('a time in ISO 8601', () => {
  for (const [text, utc] of Object.entries(rightTimes))
    it(`reads ${text} as ${utc}`, () => {
      expect(formatTime(parseTime(text)!)).to.equal(utc)
    })

  for (const text of wrongTimes)
    it(`does not take ${JSON.stringify(text)}`, () => {
      expect(parseTime(text)).to.equal(null)
    })

  it('comes back the same from its text', () => {
    fc.assert(
      fc.property(anyTime, time => {
        expect(parseTime(time.toISOString())).to.deep.equal(time)
        expect(parseTime(formatTime(time))).to.deep.equal(time)
        expect(parseTime(time.toISOString().slice(0, -1))).to.deep.equal(time)
      }),
    )
  })

  it('is the same moment with whatever offset it is written', () => {
    fc.assert(
      fc.property(anyTime, anyOffset, (time, { sign, hours, minutes, form }) => {
        const offsetMinutes = sign * (hours * 60 + (form === 'hh' ? 0 : minutes))
        const local = new Date(time.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
        const [hh, mm] = [hours, minutes].map(part => String(part).padStart(2, '0'))
        const offset = form.replace('hh', hh!).replace('mm', mm!)
        expect(parseTime(`${local}${sign < 0 ? '-' : '+'}${offset}`)).to.deep.equal(time)
      }),
    )
  })

  it('knows every day of the calendar, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(14), fc.nat(33), (year, month, day) => {
        const [yyyy, mm, dd] = [
          String(year).padStart(4, '0'),
          ...[month, day].map(n => String(n).padStart(2, '0')),
        ]
        const text = `${yyyy}-${mm}-${dd}`
        // The days there are, one after the other, by arithmetic alone.
        const isReal = daysOfYear(year).has(text)
        expect(parseTime(text) !== null).to.equal(isReal)
      }),
      { numRuns: 500 },
    )
  })
})

function daysOfYear(year: number): Set<string> {
  const first = new Date(0).setUTCFullYear(year, 0, 1)
  const days = Array.from({ length: 366 }, (_, day) => new Date(first + day * DAY_MS))
  return new Set(days.filter(day => day.getUTCFullYear() === year).map(day => day.toISOString().slice(0, 10)))
}
