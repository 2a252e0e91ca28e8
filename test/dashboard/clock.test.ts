import { expect } from 'chai'
import { Clock, isZone } from '../../lib/dashboard/page/clock.js'

const HOUR_MS = 3_600_000

const clockOf = (zone: string) => Object.assign(new Clock(), { zone })
const moment = (time: string) => Date.parse(time)
const iso = (atMs: number) => new Date(atMs).toISOString()

/** Zones, and a day near which their clocks do something odd. */
const odd = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Asia/Kathmandu', '2026-01-01'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['America/St_Johns', '2026-11-01'],
  ['Pacific/Apia', '2011-12-30'],
  ['UTC', '2024-02-29'],
] as const

describe('a clock of any zone', () => {
  for (const [zone, day] of odd)
    it(`reads and writes as Temporal does: ${zone}, around ${day}`, () => {
      const clock = clockOf(zone)
      for (let hours = -40; hours <= 40; hours++) {
        const atMs = moment(`${day}T00:20:00Z`) + hours * HOUR_MS
        const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)
        const wall = zoned.toPlainDateTime()
        expect(clock.toInput(atMs)).to.equal(wall.toString({ smallestUnit: 'minute' }))
        expect(iso(clock.fromInput(clock.toInput(atMs)))).to.equal(
          iso(wall.toZonedDateTime(zone).epochMilliseconds),
        )
        for (const days of [-6, 0, 1])
          expect(iso(clock.startOfDay(atMs, { days })), `${days} days`).to.equal(
            iso(wall.toPlainDate().add({ days }).toZonedDateTime(zone).epochMilliseconds),
          )
        for (const months of [-11, 0, 1])
          expect(iso(clock.startOfMonth(atMs, { months })), `${months} months`).to.equal(
            iso(wall.toPlainDate().with({ day: 1 }).add({ months }).toZonedDateTime(zone).epochMilliseconds),
          )
      }
    })

  it('is in the zone of the device unless another one is chosen', () => {
    const atMs = moment('2026-07-01T22:30:00Z')
    expect(new Clock().fromInput(new Clock().toInput(atMs))).to.equal(atMs)
    expect(clockOf('utc').minute(atMs)).to.equal('1 Jul 2026, 22:30')
    expect(clockOf('Asia/Kathmandu').minute(atMs)).to.equal('2 Jul 2026, 04:15')
    expect(clockOf('Asia/Kathmandu').toParts(atMs).getHours()).to.equal(4)
    expect(new Clock().fromInput('')).to.be.NaN
  })

  it('knows which zones there are', () => {
    expect(['Asia/Kathmandu', 'UTC'].map(isZone)).to.deep.equal([true, true])
    expect(['', 'mars', 'Europe/Nowhere'].map(isZone)).to.deep.equal([false, false, false])
  })
})
