import { expect } from 'chai'
import { Clock } from '../../lib/dashboard/page/clock.js'
import { changeOf, difference } from '../../lib/dashboard/page/overview/change.js'
import { inTurn } from '../../lib/dashboard/page/overview/in-turn.js'
import { biggestMoves, missingIds } from '../../lib/dashboard/page/overview/moves.js'
import { everQuestion, questionsAt } from '../../lib/dashboard/page/overview/questions.js'
import {
  cutOf,
  dailySpan,
  hourlySpan,
  noneWords,
  untilWords,
} from '../../lib/dashboard/page/overview/span.js'
import { dayColumns, quarterOf, todayOf } from '../../lib/dashboard/page/overview/today.js'
import type { Zone } from '../../lib/dashboard/page/types.d.ts'

const QUARTER_MS = 15 * 60_000
const inZone = (zone: Zone) => Object.assign(new Clock(), { zone })
const berlin = inZone('Europe/Berlin')

/** Quarters since a moment, each with the number of its place. */
function quarters(fromMs: number, count: number, zone: string) {
  const local = new Date(fromMs).toTemporalInstant().toZonedDateTimeISO(zone)
  return Array.from({ length: count }, (_, v) => ({
    ts: local.add({ minutes: 15 * v }).toString({ timeZoneName: 'never', smallestUnit: 'second' }),
    v,
  }))
}

describe('the figures of the view Overview', () => {
  for (const { now, before, way, words } of [
    { now: 112, before: 100, way: 'up', words: '+12 %' },
    { now: 97, before: 100, way: 'down', words: '−3.0 %' },
    { now: 100, before: 100, way: 'same', words: '±0 %' },
    { now: 10_004, before: 10_000, way: 'same', words: '±0 %' },
    { now: 0, before: 0, way: 'same', words: '–' },
    { now: 7, before: 0, way: 'up', words: 'new' },
    { now: 0, before: 7, way: 'down', words: '−100 %' },
    { now: 1300, before: 100, way: 'up', words: '× 13' },
  ])
    it(`say how ${now} has changed from ${before}: ${words}`, () => {
      const change = changeOf(now, before)
      expect({ ...change, words: change.words.replaceAll('\u202f', ' ') }).to.deep.equal({ way, words })
    })

  it('say a difference of clicks', () => {
    expect([difference(1300, 100), difference(100, 1300), difference(7, 0)]).to.deep.equal([
      '+1\u202f200',
      '−1\u202f200',
      '+7',
    ])
  })

  it('compare what is finished of today with yesterday until the same time', () => {
    const nowMs = Date.parse('2024-12-12T01:20:00+01:00')
    const stats = quarters(Date.parse('2024-12-11T00:00:00+01:00'), 96 + 6, 'Europe/Berlin')
    Object.assign(stats[95]!, { bots: 1000 })
    Object.assign(stats[96]!, { bots: 2, duplicates: 3 })
    Object.assign(stats[101]!, { bots: 5 })
    expect(todayOf(stats, nowMs, berlin)).to.deep.equal({
      total: 96 + 97 + 98 + 99 + 100 + 101,
      bots: 7,
      duplicates: 3,
      finished: 96 + 97 + 98 + 99 + 100,
      finishedYesterday: 0 + 1 + 2 + 3 + 4,
      yesterday: (95 * 96) / 2,
      until: '01:15',
    })
    const columns = dayColumns(stats, nowMs, berlin)
    const { times, yesterday, finished, running } = columns
    expect([times.length, times[0], times.at(-1)]).to.deep.equal([
      97,
      Date.parse('2024-12-11T23:00Z') / 1000,
      Date.parse('2024-12-12T23:00Z') / 1000,
    ])
    expect([yesterday[0], yesterday[95], yesterday[96]]).to.deep.equal([0, 95, 95])
    expect(finished.slice(0, 8)).to.deep.equal([96, 97, 98, 99, 100, 100, null, null])
    expect(running.slice(0, 8)).to.deep.equal([null, null, null, null, null, 101, 101, null])
    const read = [4, 5, 6, 96].map(index => quarterOf(columns, index))
    expect(read.map(({ today, isRunning, yesterday }) => [today, isRunning, yesterday])).to.deep.equal([
      [100, false, 4],
      [101, true, 5],
      [null, false, 6],
      [null, false, 95],
    ])
    expect(read.at(-1)!.atSeconds).to.equal(times[95])
  })

  it('compare nothing in the first quarter of a day', () => {
    const nowMs = Date.parse('2024-12-12T00:05:00+01:00')
    const stats = quarters(Date.parse('2024-12-11T00:00:00+01:00'), 97, 'Europe/Berlin')
    const { until, finished, total } = todayOf(stats, nowMs, berlin)
    expect({ until, finished, total }).to.deep.equal({ until: '00:00', finished: 0, total: 96 })
    const columns = dayColumns(stats, nowMs, berlin)
    expect(columns.finished.slice(0, 2)).to.deep.equal([null, null])
    expect(quarterOf(columns, 0)).to.deep.include({ today: 96, isRunning: true, yesterday: 0 })
  })

  for (const { zone, day, length, sameTime } of [
    // Clocks were put forward at 2:00 and back at 3:00: yesterday's 3:00 is its 13th and its 17th quarter.
    { zone: 'Europe/Berlin', day: '2024-03-31', length: 92, sameTime: 12 },
    { zone: 'Europe/Berlin', day: '2024-10-27', length: 100, sameTime: 12 },
    { zone: 'Australia/Lord_Howe', day: '2024-10-06', length: 94, sameTime: 12 },
  ])
    it(`stand beside the same time of yesterday where clocks were changed: ${zone}, ${day}`, () => {
      const clock = inZone(zone)
      const start = Temporal.PlainDate.from(day).toZonedDateTime(zone)
      const nowMs = start.add({ days: 1 }).epochMilliseconds - QUARTER_MS
      const stats = quarters(start.subtract({ days: 1 }).epochMilliseconds, 96 + length, zone)
      const { times, yesterday, finished, running } = dayColumns(stats, nowMs, clock)
      expect(times).to.have.length(length + 1)
      const three = times.indexOf(start.with({ hour: 3 }).epochMilliseconds / 1000)
      expect(yesterday[three]).to.equal(sameTime)
      expect([...finished.slice(0, length - 1), running[length - 1]]).to.deep.equal(
        Array.from({ length }, (_, place) => 96 + place),
      )
    })

  it('find the biggest changes, also of banners that are hardly clicked any more', () => {
    const banner = (bannerId: number, total: number) => ({
      ...{ bannerId, name: null, total, bots: 0, duplicates: 0 },
    })
    const now = [banner(1, 100), banner(2, 90), banner(3, 80)]
    const before = [banner(9, 500), banner(2, 95), banner(1, 20)]
    expect(missingIds(now, before)).to.deep.equal([9])
    const compared = [banner(1, 20), banner(2, 95), banner(3, 80)]
    const { up, down } = biggestMoves({ now, compared, before, rest: [banner(9, 4)] }, 5)
    expect(up.map(({ bannerId }) => bannerId)).to.deep.equal([1])
    expect(down).to.deep.equal([
      { bannerId: 9, name: null, now: 4, before: 500 },
      { bannerId: 2, name: null, now: 90, before: 95 },
    ])
    expect(biggestMoves({ now, compared, before, rest: [] }, 1).down).to.have.length(1)
  })

  it('are of whole hours, and of the same time of other days; today’s until now', () => {
    const nowMs = Date.parse('2024-04-03T10:20:42Z')
    const questions = questionsAt(nowMs, hourlySpan(nowMs, berlin))
    const to = '2024-04-03T10:00Z'
    expect(questions.today).to.include({
      from: '2024-04-02',
      to: '2024-04-03T10:21Z',
      timeZone: 'Europe/Berlin',
    })
    // Clocks were changed in between, on 31 March.
    expect(questions.week).to.include({ from: '2024-03-27T12:00', to, timeZone: 'Europe/Berlin' })
    expect(questions.before).to.include({ from: '2024-03-20T12:00', to: '2024-03-27T12:00' })
    expect(questions.month).to.include({ from: '2024-03-04T12:00', to })
    expect(everQuestion(nowMs)).to.include({ from: '2014-04-06', to: '2024-04-03T10:21Z' })
  })

  it('are of whole days of UTC where hours are refused', () => {
    const nowMs = Date.parse('2024-04-03T22:20:42Z')
    const { today, week, before, month } = questionsAt(nowMs, dailySpan(nowMs))
    expect(today).to.include({ from: '2024-04-02', to: '2024-04-03T22:21Z', timeZone: 'UTC' })
    expect(week).to.include({ from: '2024-03-27T00:00', to: '2024-04-03T00:00Z', timeZone: 'UTC' })
    expect(before).to.include({ from: '2024-03-20T00:00', to: '2024-03-27T00:00' })
    expect(month).to.include({ from: '2024-03-04T00:00', to: '2024-04-03T00:00Z' })
    expect([untilWords(dailySpan(nowMs)), untilWords(hourlySpan(nowMs, berlin))]).to.deep.equal([
      ' (days of UTC, through 2 Apr)',
      ' until 00:00',
    ])
    expect([noneWords(dailySpan(nowMs)), noneWords(hourlySpan(nowMs, berlin))]).to.deep.equal([
      'None. Clicks are in this list from the next day of UTC on.',
      'None. Clicks are in this list from the next full hour on.',
    ])
    const cuts = [dailySpan(nowMs), hourlySpan(nowMs, berlin), hourlySpan(nowMs + 3_600_000, berlin)]
    expect(cuts.map(cutOf)).to.deep.equal(['', '', '01:00'])
  })

  it('are asked for two at a time, in their order', async () => {
    const turn = inTurn(2)
    const begun: number[] = []
    const tasks = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    const done = tasks.map(({ promise }, index) =>
      turn(() => {
        begun.push(index)
        return promise
      }),
    )
    const settled = Promise.allSettled(done)
    expect(begun).to.deep.equal([0, 1])
    tasks[1]!.reject(new Error('refused'))
    await done[1]!.catch(() => {})
    await Promise.resolve()
    expect(begun).to.deep.equal([0, 1, 2])
    for (const task of tasks) task.resolve()
    await settled
    expect(begun).to.deep.equal([0, 1, 2, 3])
  })
})
